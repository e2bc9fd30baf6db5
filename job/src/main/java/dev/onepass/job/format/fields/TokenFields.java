// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.fields;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.Sequence;

/** The fields of a record of the tokens topic in any format. Reused for each record. */
public final class TokenFields {

  /** The operations of a record. */
  public enum Op {
    /** Adds a token. */
    ADD,
    /** Retracts a token. */
    RETRACT,
    /** Forgets the sequence. */
    FORGET
  }

  private final Heads heads;
  private final VectorBuffer key = new VectorBuffer();
  private final VectorBuffer value = new VectorBuffer();
  private String head;
  private Op op;
  private long position;
  private float bias;
  private long timestamp;
  private boolean badTimestamp;

  TokenFields(Heads heads) {
    this.heads = heads;
  }

  void clear() {
    key.clear();
    value.clear();
    head = null;
    op = Op.ADD;
    position = Sequence.NO_POSITION;
    bias = 0;
    timestamp = Sequence.NO_TIME;
    badTimestamp = false;
  }

  /** Sets the head. */
  public void head(String name) {
    head = name;
  }

  /** Sets the operation. */
  public void op(Op wanted) {
    op = wanted;
  }

  /** Sets the position. */
  public void position(long at) {
    position = at;
  }

  /** Sets the number that is added to the token's logits. */
  public void bias(float number) {
    bias = number;
  }

  /** Sets the timestamp of the retracted token, in epoch milliseconds. */
  public void timestamp(long millis) {
    badTimestamp = millis < 0;
    timestamp = millis;
  }

  /**
   * Notes that the timestamp is no whole number. Only a retraction has this field; in other records
   * it is an unknown one, which may hold anything.
   */
  public void badTimestamp() {
    badTimestamp = true;
  }

  /** Returns the buffer for the key. */
  public VectorBuffer key() {
    return key;
  }

  /** Returns the buffer for the value. */
  public VectorBuffer value() {
    return value;
  }

  Event event(String sequence, RawRecord origin) throws BadRecordException {
    HeadSpec spec = heads.of(head);
    SequenceKey address = new SequenceKey(spec.name(), sequence, 0);
    if (op == Op.FORGET) {
      return new Event.Forget(address, origin);
    }
    float[] keyNumbers = vector("key", key, spec.keyDim(), spec);
    float[] valueNumbers = vector("value", value, spec.valueDim(), spec);
    RecordReader.require(
        Math.abs(bias) <= Token.MAX_BIAS,
        "bias: must be from -80 to 80, got %s; limit it in the producer, and send the record again"
            .formatted(bias));
    boolean retract = op == Op.RETRACT;
    RecordReader.require(
        !retract || !badTimestamp,
        "timestamp: not a whole number of milliseconds from 0 to 2^63 - 1; set it to the timestamp of the retracted token's record");
    return new Event.Token(
        address,
        origin,
        position,
        keyNumbers,
        valueNumbers,
        retract,
        bias,
        retract ? timestamp : Sequence.NO_TIME);
  }

  private static float[] vector(String field, VectorBuffer vector, int dim, HeadSpec head)
      throws BadRecordException {
    if (vector.count() > 1) {
      throw new BadRecordException(
          "%s: both %s and sparse_%s are given; send one of them".formatted(field, field, field));
    }
    return vector.toArray(field, dim, head);
  }
}
