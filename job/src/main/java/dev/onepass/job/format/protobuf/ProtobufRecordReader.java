// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.protobuf;

import dev.onepass.job.format.fields.BadRecordException;
import dev.onepass.job.format.fields.FloatBuffer;
import dev.onepass.job.format.fields.Heads;
import dev.onepass.job.format.fields.QueryFields;
import dev.onepass.job.format.fields.RecordReader;
import dev.onepass.job.format.fields.TokenFields;
import java.io.IOException;

/** Reads tokens and queries from the messages of {@code onepass.proto}. */
public final class ProtobufRecordReader extends RecordReader {

  /**
   * @param heads declared heads
   * @param maxVectors maximum number of query vectors in one query
   */
  public ProtobufRecordReader(Heads heads, int maxVectors) {
    super(heads, maxVectors);
  }

  @Override
  protected void read(byte[] bytes, TokenFields fields) throws BadRecordException {
    ProtobufMessage message = new ProtobufMessage(bytes);
    try {
      while (message.next()) {
        switch (message.field()) {
          case 1 -> fields.position(message.count("position"));
          case 2 -> message.vector("key", fields.key());
          case 3 -> message.vector("value", fields.value());
          case 4 -> fields.head(message.text("head"));
          case 5 -> fields.op(op(message.number("op")));
          default -> message.skip();
        }
      }
    } catch (IOException e) {
      throw notProtobuf(e);
    }
  }

  private static TokenFields.Op op(long number) throws BadRecordException {
    require(number >= 0 && number < OPS.length, "op: " + number + " is not known");
    return OPS[(int) number];
  }

  /** Operations by their numbers in the enum of the schema. */
  private static final TokenFields.Op[] OPS = {
    TokenFields.Op.ADD, TokenFields.Op.RETRACT, TokenFields.Op.FORGET
  };

  @Override
  protected void read(byte[] bytes, QueryFields fields) throws BadRecordException {
    ProtobufMessage message = new ProtobufMessage(bytes);
    boolean asks = false;
    try {
      while (message.next()) {
        switch (message.field()) {
          case 1 -> fields.queryId(message.text("query_id"));
          case 2 -> {
            if (!asks) {
              fields.beginQueries();
              asks = true;
            }
            vector(message, fields);
          }
          case 3 -> fields.head(message.text("head"));
          case 4 -> fields.asOf(message.count("as_of"));
          case 5 -> fields.recover(recover(message));
          case 6 -> fields.stats(message.number("stats") != 0);
          default -> message.skip();
        }
      }
    } catch (IOException e) {
      throw notProtobuf(e);
    }
  }

  private static void vector(ProtobufMessage query, QueryFields fields)
      throws IOException, BadRecordException {
    String name = fields.nextName();
    FloatBuffer numbers = fields.beginVector();
    ProtobufMessage vector = query.message(name);
    while (vector.next()) {
      if (vector.field() == 1) {
        vector.vector(name, numbers);
      } else {
        vector.skip();
      }
    }
    fields.endVector();
  }

  /** Returns the k of a recover message, or 0 if it has none. */
  private static int recover(ProtobufMessage query) throws IOException, BadRecordException {
    ProtobufMessage recover = query.onlyMessage("recover");
    long k = 0;
    while (recover.next()) {
      if (recover.field() == 1) {
        k = recover.count("recover.k");
      } else {
        recover.skip();
      }
    }
    require(k <= Integer.MAX_VALUE, "recover.k: not a whole number from 1 to 2147483647");
    return (int) k;
  }

  private static BadRecordException notProtobuf(IOException e) {
    return new BadRecordException("record value: not valid Protobuf: " + e.getMessage());
  }
}
