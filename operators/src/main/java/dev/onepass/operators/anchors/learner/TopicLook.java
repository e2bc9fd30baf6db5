package dev.onepass.operators.anchors.learner;

import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.sketch.anchors.AnchorSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What the anchors topic holds of a head, whoever published it. */
final class TopicLook {

  /** Where the version stands in the bytes of a set, whatever their format. */
  private static final int VERSION_AT = 4;

  private final byte[] head;
  private final int keyDim;
  private int highest;
  private boolean hasSet;

  private TopicLook(String head, int keyDim) {
    this.head = head.getBytes(StandardCharsets.UTF_8);
    this.keyDim = keyDim;
  }

  /**
   * Reads the topic. Takes long.
   *
   * @throws IOException if not all of it can be read
   */
  static TopicLook at(AnchorsTopic topic, String head, int keyDim) throws IOException {
    TopicLook look = new TopicLook(head, keyDim);
    topic.read(look::see);
    return look;
  }

  /** The highest version of the head, of sets for any keys and of broken ones too; 0 for none. */
  int highest() {
    return highest;
  }

  /** Whether the head's last record is a set for its keys. */
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
      hasSet = AnchorSet.fromByteArray(record.value()).keyDim() == keyDim;
    } catch (IllegalArgumentException e) {
      hasSet = false; // What is broken serves nobody; the job refuses it.
    }
  }

  private static int version(byte[] set) {
    boolean isOne = set.length >= VERSION_AT + Integer.BYTES && set[0] == 'O' && set[1] == 'A';
    return isOne ? ByteBuffer.wrap(set).order(ByteOrder.LITTLE_ENDIAN).getInt(VERSION_AT) : 0;
  }
}
