package dev.onepass.job.format.fields;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Sequence ids as they stand in record keys: valid UTF-8, 1 to 1 024 bytes. */
public final class RecordKey {

  private static final int MAX_BYTES = 1024;

  private RecordKey() {}

  public static String sequence(byte[] key) throws BadRecordException {
    if (key == null) {
      throw new BadRecordException("record key: missing; it is the sequence id");
    }
    if (key.length == 0 || key.length > MAX_BYTES) {
      throw new BadRecordException(
          "record key: %d bytes; a sequence id has 1 to %d".formatted(key.length, MAX_BYTES));
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
