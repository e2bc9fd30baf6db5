// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.fields;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.RawRecord;
import java.nio.ByteBuffer;

/**
 * Reads tokens and queries of one format, in one pass over the bytes and without boxing numbers.
 * Skips unknown fields. Refuses duplicate fields, numbers that are not finite floats, and vectors
 * of the wrong length. Not thread-safe.
 */
public abstract class RecordReader {
  /** Bytes that the serializers of a schema registry put in front of a value. */
  private static final int FRAMING = 1 + Integer.BYTES;

  private final TokenFields token;
  private final QueryFields query;

  /**
   * @param heads declared heads
   * @param maxVectors maximum number of query vectors in one query
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
   * Refuses values with the framing of a schema registry: a zero byte and a schema id of four
   * bytes. Neither JSON nor Protobuf begins with a zero byte.
   */
  private static void refuseFraming(byte[] value) throws BadRecordException {
    if (value.length >= FRAMING && value[0] == 0) {
      throw new BadRecordException(
          "record value: looks like Confluent schema-registry framing (a zero byte and the schema id %d); send plain bytes, with a serializer that does not use a registry"
              .formatted(Integer.toUnsignedLong(ByteBuffer.wrap(value).getInt(1))));
    }
  }

  /**
   * Checks a condition.
   *
   * @param sentence name of the field, and what is wrong
   * @throws BadRecordException if the condition does not hold
   */
  public static void require(boolean holds, String sentence) throws BadRecordException {
    if (!holds) {
      throw new BadRecordException(sentence);
    }
  }
}
