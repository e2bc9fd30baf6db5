// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.store;

import java.nio.ByteBuffer;

/**
 * What expiry knows of a sequence. Bytes, version 1, big-endian: version (i1), last seen (i8),
 * expiry timer (i8).
 *
 * @param lastSeen processing time of the newest token in epoch milliseconds; 0 if sequences do not
 *     expire
 * @param expiryTimer time of the registered expiry timer in epoch milliseconds; 0 if there is none
 */
public record Lifetime(long lastSeen, long expiryTimer) {

  /** The lifetime of a sequence that does not expire. */
  public static final Lifetime UNLIMITED = new Lifetime(0, 0);

  private static final int VERSION = 1;
  private static final int BYTES = 1 + 2 * Long.BYTES;

  byte[] toByteArray() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.put((byte) VERSION).putLong(lastSeen).putLong(expiryTimer);
    return bytes.array();
  }

  /**
   * Reads the bytes that {@link #toByteArray()} wrote. Skips bytes that a later program has added
   * at the end.
   *
   * @throws IllegalStateException if the version is not known
   */
  static Lifetime fromByteArray(byte[] bytes) {
    if (bytes.length < BYTES || bytes[0] != VERSION) {
      throw new IllegalStateException(
          "version %d of a lifetime is not known, or its %d bytes are too few"
              .formatted(bytes.length == 0 ? 0 : bytes[0], bytes.length));
    }
    ByteBuffer in = ByteBuffer.wrap(bytes, 1, BYTES - 1);
    return new Lifetime(in.getLong(), in.getLong());
  }
}
