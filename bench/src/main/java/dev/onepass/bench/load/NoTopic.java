// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.load;

import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.event.RawRecord;
import java.util.Optional;
import java.util.function.Consumer;

/** Stands for the anchors topic in a job without brokers. */
public final class NoTopic implements AnchorsTopic {
  private static final long serialVersionUID = 1L;

  @Override
  public String name() {
    return "none";
  }

  @Override
  public void read(Consumer<RawRecord> reader) {}

  @Override
  public Optional<String> obstacle(RawRecord record) {
    return Optional.of("there is no topic");
  }
}
