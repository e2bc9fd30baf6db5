// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors;

import dev.onepass.operators.event.RawRecord;
import java.io.IOException;
import java.io.Serializable;
import java.util.Optional;
import java.util.function.Consumer;

/** The topic on which anchor sets are published. The topic may not exist. */
public interface AnchorsTopic extends Serializable {

  /** Returns the name of the topic. */
  String name();

  /**
   * Passes each record that the topic holds now to a reader, in the order of the topic. Passes none
   * if the topic does not exist. Blocks while it reads, so operators call it before their first
   * record or on another thread than the task's.
   *
   * @throws IOException if some of the records cannot be read; the message names the topic and the
   *     cause
   */
  void read(Consumer<RawRecord> reader) throws IOException;

  /**
   * Checks whether the topic can take a record, and creates the topic if it does not exist. May
   * block, so it must not run on a task thread.
   *
   * @return the reason why the record cannot be published, or nothing if it can
   */
  Optional<String> obstacle(RawRecord record);
}
