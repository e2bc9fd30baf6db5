package dev.onepass.job.format.fields;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.RawRecord;
import java.nio.ByteBuffer;

/**
 * Reads tokens and queries in one format, in one pass over the bytes and without boxing a number.
 * Unknown fields are skipped; duplicate fields, numbers that are no finite float and vectors of the
 * wrong length are refused. Not thread-safe.
 */
public abstract class RecordReader {
  /** Bytes that a schema registry's serializers put before a value. */
  private static final int FRAMING = 1 + Integer.BYTES;

  private final TokenFields token;
  private final QueryFields query;

  /**
   * A reader.
   *
   * @param heads declared heads
   * @param maxVectors most vectors of one query record
   */
  public RecordReader(Heads heads, int maxVectors) {
    token = new TokenFields(heads);
    query = new QueryFields(heads, maxVectors);
  }

  /** Reads a record of the tokens topic. */
  public final Event token(String sequence, RawRecord origin) throws BadRecordException {
    refuseFraming(origin.value());
    token.clear();
    read(origin.value(), token);
    return token.event(sequence, origin);
  }

  /** Reads a record of the queries topic. */
  public final Event query(String sequence, RawRecord origin) throws BadRecordException {
    refuseFraming(origin.value());
    query.clear();
    read(origin.value(), query);
    return query.event(sequence, origin);
  }

  /** Reads the fields of a token. */
  protected abstract void read(byte[] bytes, TokenFields into) throws BadRecordException;

  /** Reads the fields of a query. */
  protected abstract void read(byte[] bytes, QueryFields into) throws BadRecordException;

  /**
   * Neither JSON nor a message of Protobuf begins with a zero byte, but what serializers of a
   * schema registry write does: zero, four bytes of a schema's id, and only then the value.
   */
  private static void refuseFraming(byte[] value) throws BadRecordException {
    if (value.length >= FRAMING && value[0] == 0) {
      throw new BadRecordException(
          "record value: looks like Confluent schema-registry framing: a zero byte and the id %d of a schema; send the plain bytes, by a serializer that knows no registry"
              .formatted(Integer.toUnsignedLong(ByteBuffer.wrap(value).getInt(1))));
    }
  }

  public static void require(boolean holds, String sentence) throws BadRecordException {
    if (!holds) {
      throw new BadRecordException(sentence);
    }
  }
}
