// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.protobuf;

import dev.onepass.job.format.fields.BadRecordException;
import dev.onepass.job.format.fields.Heads;
import dev.onepass.job.format.fields.QueryFields;
import dev.onepass.job.format.fields.RecordReader;
import dev.onepass.job.format.fields.TokenFields;
import dev.onepass.job.format.fields.VectorBuffer;
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
          case 2 -> dense("key", message, fields.key());
          case 3 -> dense("value", message, fields.value());
          case 4 -> fields.head(message.text("head"));
          case 5 -> fields.op(op(message.number("op")));
          case 6 -> fields.bias(message.real("bias"));
          case 7 -> fields.timestamp(message.number("timestamp"));
          case 10 -> sparse("sparse_key", message, fields.key());
          case 11 -> sparse("sparse_value", message, fields.value());
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

  /** Reads a vector of packed floats. */
  private static void dense(String name, ProtobufMessage message, VectorBuffer into)
      throws IOException, BadRecordException {
    into.begin();
    message.vector(name, into.numbers());
    into.endDense(name);
  }

  /** Reads a vector of indices and values. Protobuf does not write empty lists. */
  private static void sparse(String name, ProtobufMessage message, VectorBuffer into)
      throws IOException, BadRecordException {
    into.begin();
    ProtobufMessage vector = message.onlyMessage(name);
    while (vector.next()) {
      switch (vector.field()) {
        case 1 -> vector.indices(name + ".indices", into);
        case 2 -> vector.vector(name + ".values", into.numbers());
        default -> vector.skip();
      }
    }
    into.endSparse(name);
  }

  /** Reads a vector of a query, which has values or a sparse message, or neither if it is empty. */
  private static void vector(ProtobufMessage query, QueryFields fields)
      throws IOException, BadRecordException {
    String name = fields.nextName();
    VectorBuffer into = fields.nextVector();
    ProtobufMessage vector = query.message(name);
    boolean dense = false;
    boolean sparse = false;
    into.begin();
    while (vector.next()) {
      switch (vector.field()) {
        case 1 -> {
          vector.vector(name, into.numbers());
          dense = true;
        }
        case 2 -> {
          refuseBoth(dense, name);
          sparse(name, vector, into);
          sparse = true;
        }
        default -> vector.skip();
      }
    }
    refuseBoth(dense && sparse, name);
    if (!sparse) {
      into.endDense(name);
    }
  }

  private static void refuseBoth(boolean both, String name) throws BadRecordException {
    if (both) {
      throw new BadRecordException(name + ": both values and sparse are given; send one of them");
    }
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
