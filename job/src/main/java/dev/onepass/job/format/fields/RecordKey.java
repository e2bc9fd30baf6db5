// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.fields;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Reads sequence ids from record keys: valid UTF-8 of 1 to 1 024 bytes. */
public final class RecordKey {

  private static final int MAX_BYTES = 1024;

  private RecordKey() {}

  /**
   * Returns the sequence id.
   *
   * @param key key of the record, or null
   * @throws BadRecordException if the key is not a sequence id
   */
  public static String sequence(byte[] key) throws BadRecordException {
    if (key == null) {
      throw new BadRecordException("record key: missing; set the sequence id as the key");
    }
    if (key.length == 0 || key.length > MAX_BYTES) {
      throw new BadRecordException(
          "record key: must have 1 to %d bytes, got %d".formatted(MAX_BYTES, key.length));
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(key))
          .toString();
    } catch (CharacterCodingException e) {
      throw new BadRecordException("record key: not valid UTF-8");
    }
  }
}
