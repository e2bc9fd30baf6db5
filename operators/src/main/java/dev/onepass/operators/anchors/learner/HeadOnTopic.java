// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The records that the anchors topic holds of a head, from any publisher. */
final class HeadOnTopic {

  /** Offset of the version in the bytes of a set, in all formats. */
  private static final int VERSION_AT = 4;

  private final byte[] head;
  private final HeadSpec spec;
  private int highest;
  private boolean hasSet;

  private HeadOnTopic(HeadSpec spec) {
    this.spec = spec;
    head = spec.name().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads the topic. May take long.
   *
   * @throws IOException if some of the records cannot be read
   */
  static HeadOnTopic read(AnchorsTopic topic, HeadSpec head) throws IOException {
    HeadOnTopic onTopic = new HeadOnTopic(head);
    topic.read(onTopic::see);
    return onTopic;
  }

  /**
   * Returns the highest version of the head, 0 for none. Counts sets for keys of any length, and
   * corrupt sets too.
   */
  int highest() {
    return highest;
  }

  /** Returns whether the last record of the head is a set that suits it. */
  boolean hasSet() {
    return hasSet;
  }

  private void see(RawRecord record) {
    if (!Arrays.equals(record.key(), head)) {
      return;
    }
    if (record.value() == null) {
      hasSet = false;
      return;
    }
    highest = Math.max(highest, version(record.value()));
    try {
      hasSet = spec.suits(AnchorSet.fromByteArray(record.value()));
    } catch (CorruptSketchException e) {
      hasSet = false; // The job refuses it too.
    }
  }

  private static int version(byte[] set) {
    boolean isOne = set.length >= VERSION_AT + Integer.BYTES && set[0] == 'O' && set[1] == 'A';
    return isOne ? ByteBuffer.wrap(set).order(ByteOrder.LITTLE_ENDIAN).getInt(VERSION_AT) : 0;
  }
}
