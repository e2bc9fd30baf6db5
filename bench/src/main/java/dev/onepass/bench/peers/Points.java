// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.npy.Half;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactSketch;
import dev.onepass.sketch.simd.Kernels;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * A fixed number of slots for keys and values, filled from the first slot on. Numbers are rounded
 * to 16-bit floats, and their bytes count as such. A point may have a weight, of 4 bytes.
 */
final class Points {
  private final int keyDim;
  private final int valueDim;
  private final boolean weighted;
  private final int slots;
  private final float[] keys;
  private final float[] values;
  private final float[] logWeights;
  private int filled;

  private Points(Head head, boolean weighted, int slots) {
    this.keyDim = head.keyDim();
    this.valueDim = head.valueDim();
    this.weighted = weighted;
    this.slots = slots;
    this.keys = new float[slots * keyDim];
    this.values = new float[slots * valueDim];
    this.logWeights = new float[weighted ? slots : 0];
  }

  /**
   * Creates as many slots for points of weight 1 as fit.
   *
   * @param bytes bytes for the slots
   * @param least minimum number of slots of the method
   * @throws IllegalArgumentException if fewer slots fit; the message says so
   */
  static Points within(int bytes, Head head, int least) {
    return new Points(head, false, slots(bytes, head, false, least));
  }

  /** Creates as many slots for weighted points as fit, like {@link #within}. */
  static Points weightedWithin(int bytes, Head head, int least) {
    return new Points(head, true, slots(bytes, head, true, least));
  }

  private static int slots(int bytes, Head head, boolean weighted, int least) {
    int each = bytes(head.keyDim(), head.valueDim(), weighted);
    if (bytes / each < least) {
      throw new IllegalArgumentException(
          "%d points of %d bytes do not fit in the state size; set a larger state size"
              .formatted(least, each));
    }
    return bytes / each;
  }

  private static int bytes(int keyDim, int valueDim, boolean weighted) {
    return Short.BYTES * (keyDim + valueDim) + (weighted ? Float.BYTES : 0);
  }

  /** Returns the number of slots. */
  int slots() {
    return slots;
  }

  /** Returns the length of a value. */
  int valueDim() {
    return valueDim;
  }

  /** Returns the number of slots that have a point. */
  int filled() {
    return filled;
  }

  /** Puts a point of weight 1 into a slot and replaces its previous point. */
  void put(int slot, float[] key, float[] value) {
    put(slot, key, value, 0);
  }

  /** Puts a point into a slot and replaces its previous point. */
  void put(int slot, float[] key, float[] value, double logWeight) {
    for (int i = 0; i < keyDim; i++) {
      keys[slot * keyDim + i] = rounded(key[i]);
    }
    for (int c = 0; c < valueDim; c++) {
      values[slot * valueDim + c] = rounded(value[c]);
    }
    if (weighted) {
      logWeights[slot] = (float) logWeight;
    } else if (logWeight != 0) {
      throw new IllegalArgumentException("these points have no weights");
    }
    filled = Math.max(filled, slot + 1);
  }

  /** Drops the point in the last slot that has one. */
  void dropLast() {
    filled--;
  }

  /** Drops all points. */
  void clear() {
    filled = 0;
  }

  private static float rounded(float x) {
    return Half.toFloat(Half.of(x));
  }

  /** Returns a copy of a vector as slots hold it, rounded to 16-bit floats. */
  static float[] rounded(float[] vector) {
    float[] copy = new float[vector.length];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = rounded(vector[i]);
    }
    return copy;
  }

  /** Returns a copy of the key in a slot. */
  float[] key(int slot) {
    return Arrays.copyOfRange(keys, slot * keyDim, (slot + 1) * keyDim);
  }

  /** Returns a copy of the value in a slot. */
  float[] value(int slot) {
    return Arrays.copyOfRange(values, slot * valueDim, (slot + 1) * valueDim);
  }

  /** Returns the softmax sums of the points. */
  SoftmaxSum sums(QueryBlock queries) {
    return weighted ? sums(queries, slot -> logWeights[slot]) : sums(queries, block());
  }

  /**
   * Returns the softmax sums of the points with weights that are not stored.
   *
   * @param logWeight returns ln of the weight of each slot; negative infinity leaves a slot out
   */
  SoftmaxSum sums(QueryBlock queries, IntToDoubleFunction logWeight) {
    return sums(queries, block().weighted(0, logWeight));
  }

  private TokenBlock block() {
    return TokenBlock.of(keyDim, valueDim, filled, keys, values);
  }

  private SoftmaxSum sums(QueryBlock queries, TokenBlock block) {
    SoftmaxSum sums = new SoftmaxSum(queries.count(), valueDim);
    ExactSketch.addTo(sums, queries, block);
    return sums;
  }

  /**
   * Adds the points of the largest logits of a query to its softmax sums, with all points that are
   * equal to the last of them.
   *
   * @param query index of the query
   * @param count number of points
   */
  void addLargest(SoftmaxSum sums, QueryBlock queries, int query, int count) {
    if (filled == 0) {
      return;
    }
    double[] logits = new double[filled];
    Kernels.logits(
        queries.vectors(), query * keyDim, queries.scale(), keys, filled, keyDim, logits);
    double[] order = logits.clone();
    Arrays.sort(order);
    double least = order[Math.max(0, filled - count)];
    double max = order[filled - 1];
    double den = 0;
    for (int j = 0; j < filled; j++) {
      logits[j] = logits[j] < least ? 0 : Math.exp(logits[j] - max);
      den += logits[j];
    }
    double[] num = new double[valueDim];
    Kernels.addWeightedRows(logits, values, filled, valueDim, num);
    sums.add(query, max, den, den, num);
  }

  /** Returns the bytes of a point. */
  int bytesOfOne() {
    return bytes(keyDim, valueDim, weighted);
  }

  /** Returns the bytes of the points. */
  long bytes() {
    return (long) filled * bytesOfOne();
  }
}
