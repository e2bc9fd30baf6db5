// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.methods.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactSketch;
import java.util.Arrays;

/** A fixed number of slots for tokens, filled from the first slot on. */
final class Rows {
  private final int keyDim;
  private final int valueDim;
  private final int slots;
  private final float[] keys;
  private final float[] values;
  private int filled;

  private Rows(int keyDim, int valueDim, int slots) {
    this.keyDim = keyDim;
    this.valueDim = valueDim;
    this.slots = slots;
    this.keys = new float[slots * keyDim];
    this.values = new float[slots * valueDim];
  }

  /**
   * Creates as many slots as fit.
   *
   * @param bytes bytes for the slots
   * @param least minimum number of slots of the method
   */
  static Rows within(int bytes, Head head, int least) {
    int slotBytes = Float.BYTES * (head.keyDim() + head.valueDim());
    if (bytes / slotBytes < least) {
      throw new IllegalArgumentException(
          "%d tokens of %d bytes do not fit in the state size; set a larger state size"
              .formatted(least, slotBytes));
    }
    return new Rows(head.keyDim(), head.valueDim(), bytes / slotBytes);
  }

  int slots() {
    return slots;
  }

  /** Puts a token into a slot and replaces its previous token. */
  void put(int slot, float[] key, float[] value) {
    System.arraycopy(key, 0, keys, slot * keyDim, keyDim);
    System.arraycopy(value, 0, values, slot * valueDim, valueDim);
    filled = Math.max(filled, slot + 1);
  }

  float[] key(int slot) {
    return Arrays.copyOfRange(keys, slot * keyDim, (slot + 1) * keyDim);
  }

  float[] value(int slot) {
    return Arrays.copyOfRange(values, slot * valueDim, (slot + 1) * valueDim);
  }

  /** Returns the softmax sums of the tokens in the slots. */
  SoftmaxSum sums(QueryBlock queries) {
    SoftmaxSum sums = new SoftmaxSum(queries.count(), valueDim);
    ExactSketch.addTo(sums, queries, TokenBlock.of(keyDim, valueDim, filled, keys, values));
    return sums;
  }

  /** Returns the bytes of the tokens in the slots. */
  long bytes() {
    return (long) filled * (keyDim + valueDim) * Float.BYTES;
  }

  /** Returns answers from softmax sums, without stated errors. */
  Method.Answered answered(SoftmaxSum sums) {
    float[][] outputs = new float[sums.queries()][valueDim];
    float[] errors = new float[sums.queries()];
    Arrays.fill(errors, Float.NaN);
    for (int q = 0; q < outputs.length; q++) {
      for (int c = 0; c < valueDim; c++) {
        outputs[q][c] = (float) sums.output(q, c);
      }
    }
    return new Method.Answered(outputs, errors);
  }
}
