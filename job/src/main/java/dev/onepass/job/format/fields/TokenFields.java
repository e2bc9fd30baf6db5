// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.fields;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SequenceKey;
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
  private final FloatBuffer key = new FloatBuffer();
  private final FloatBuffer value = new FloatBuffer();
  private boolean hasKey;
  private boolean hasValue;
  private String head;
  private Op op;
  private long position;

  TokenFields(Heads heads) {
    this.heads = heads;
  }

  void clear() {
    hasKey = false;
    hasValue = false;
    head = null;
    op = Op.ADD;
    position = Sequence.NO_POSITION;
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

  /** Returns the buffer for the numbers of the key. */
  public FloatBuffer key() {
    hasKey = true;
    key.clear();
    return key;
  }

  /** Returns the buffer for the numbers of the value. */
  public FloatBuffer value() {
    hasValue = true;
    value.clear();
    return value;
  }

  Event event(String sequence, RawRecord origin) throws BadRecordException {
    HeadSpec spec = heads.of(head);
    SequenceKey address = new SequenceKey(spec.name(), sequence, 0);
    if (op == Op.FORGET) {
      return new Event.Forget(address, origin);
    }
    float[] keyNumbers = Heads.vector("key", hasKey, key, 1, spec.keyDim(), spec);
    float[] valueNumbers = Heads.vector("value", hasValue, value, 1, spec.valueDim(), spec);
    return new Event.Token(address, origin, position, keyNumbers, valueNumbers, op == Op.RETRACT);
  }
}
