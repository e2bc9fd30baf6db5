// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Optional;
import java.util.function.Consumer;

/** An anchors topic that contains the records of a test. */
public final class ShelfTopic implements AnchorsTopic {
  private static final long serialVersionUID = 1L;

  /** Contents of the records, which are not serializable. */
  private final ArrayList<byte[][]> records = new ArrayList<>();

  private boolean broken;

  public ShelfTopic with(String head, byte[] set) {
    byte[] key = head == null ? null : head.getBytes(StandardCharsets.UTF_8);
    records.add(new byte[][] {key, set});
    return this;
  }

  /** Sets whether the brokers answer. */
  public ShelfTopic broken(boolean now) {
    broken = now;
    return this;
  }

  @Override
  public String name() {
    return "attention.anchors";
  }

  @Override
  public void read(Consumer<RawRecord> reader) throws IOException {
    if (broken) {
      throw new IOException("topic attention.anchors cannot be read (no answer)");
    }
    records.stream()
        .map(record -> new RawRecord(name(), 0, 0, 0, record[0], record[1], Headers.NONE))
        .forEach(reader);
  }

  @Override
  public Optional<String> obstacle(RawRecord record) {
    return Optional.empty();
  }
}
