// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.simd.Floats;
import java.util.Arrays;

/**
 * Coordinates of tokens in which Euclidean distances tell how much two tokens differ: the key, in a
 * metric, and behind it the value, in units that make values as large as keys times a weight.
 */
final class TokenSpace {

  /** How the lengths of differences between keys are measured. */
  enum Keys {
    /** As they are. */
    PLAIN,
    /** By the logits that the past's queries make of them: E (q.x)^2. */
    BY_QUERIES
  }

  private final Metric metric;
  private final int keyDim;
  private final int valueDim;
  private final float unit;

  /**
   * Creates the coordinates of a head.
   *
   * @param past past rows
   * @param keys how differences of keys are measured
   * @param weight size of values relative to keys; 0 leaves values out
   * @throws IllegalArgumentException if there are no past rows
   */
  TokenSpace(Head past, Keys keys, double weight) {
    if (past.rows() == 0) {
      throw new IllegalArgumentException("there are no past rows to learn from");
    }
    this.keyDim = past.keyDim();
    this.valueDim = weight == 0 ? 0 : past.valueDim();
    this.metric =
        keys == Keys.PLAIN
            ? Metric.plain(keyDim)
            : Metric.ofSecondMoment(rows(past.queries(), past, keyDim), keyDim);
    double keySize = deviation(metric.mapped(rows(past.keys(), past, keyDim)), keyDim);
    double valueSize = deviation(rows(past.values(), past, past.valueDim()), past.valueDim());
    this.unit = (float) (valueSize > 0 && keySize > 0 ? weight * keySize / valueSize : 1);
  }

  private static float[] rows(float[] all, Head past, int dim) {
    return Arrays.copyOf(all, past.rows() * dim);
  }

  /** Returns the root mean square distance of rows from their mean. */
  private static double deviation(float[] rows, int dim) {
    int n = rows.length / dim;
    double square = Floats.squareSum(rows, 0, rows.length) / n;
    for (double x : Metric.mean(rows, dim)) {
      square -= x * x;
    }
    return Math.sqrt(Math.max(0, square));
  }

  /** Returns the number of coordinates. */
  int dim() {
    return keyDim + valueDim;
  }

  /** Returns the bytes of the metric. */
  long sharedBytes() {
    return metric.bytes();
  }

  /** Returns the coordinates of tokens, one row for each. */
  float[] coordinates(float[] keys, float[] values) {
    float[] mapped = metric.mapped(keys);
    if (valueDim == 0) {
      return mapped;
    }
    float[] rows = new float[keys.length / keyDim * dim()];
    for (int i = 0; i < rows.length; i++) {
      int token = i / dim();
      int c = i % dim();
      rows[i] =
          c < keyDim ? mapped[token * keyDim + c] : unit * values[token * valueDim + c - keyDim];
    }
    return rows;
  }

  /** Returns the keys of tokens with these coordinates, one row for each. */
  float[] keys(float[] coordinates) {
    int n = coordinates.length / dim();
    float[] mapped = new float[n * keyDim];
    for (int j = 0; j < n; j++) {
      System.arraycopy(coordinates, j * dim(), mapped, j * keyDim, keyDim);
    }
    return metric.unmapped(mapped);
  }

  /** Returns the values of tokens with these coordinates, one row for each. */
  float[] values(float[] coordinates) {
    float[] values = new float[coordinates.length / dim() * valueDim];
    for (int i = 0; i < values.length; i++) {
      values[i] = coordinates[i / valueDim * dim() + keyDim + i % valueDim] / unit;
    }
    return values;
  }
}
