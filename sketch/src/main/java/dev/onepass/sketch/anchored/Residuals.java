// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchored;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.cluster.ClusterAnswers;

/**
 * What the anchors know beyond a base: the values that kriging interpolates. Columns are the
 * coordinates of the output and, last, the log-normalizer.
 *
 * @param values answers at the anchors minus the base and the expected values, R x (dv + 1),
 *     row-major
 * @param expected mean over the anchors that is not part of the base, dv + 1 numbers; zeros if the
 *     base is what clusters answer
 */
record Residuals(double[] values, double[] expected) {

  /**
   * Computes the residuals of a sketch that has anchors.
   *
   * @param onClusters whether the base is what the clusters answer
   */
  static Residuals of(HybridParts parts, boolean onClusters) {
    AnchorRows rows = parts.rows();
    int columns = parts.valueDim() + 1;
    double[] values = new double[rows.count() * columns];
    for (int r = 0; r < rows.count(); r++) {
      rows.output(r, values, r * columns);
      values[r * columns + parts.valueDim()] = rows.logDen(r);
    }
    fillEmptyRows(rows, values, columns);
    double[] expected = new double[columns];
    if (onClusters) {
      subtractClusters(parts, values);
    } else {
      subtractMean(parts, values, expected);
    }
    return new Residuals(values, expected);
  }

  /** Returns a finite number: 0 for NaN, the largest double for infinity. */
  static double finite(double x) {
    if (Math.abs(x) <= Double.MAX_VALUE) {
      return x;
    }
    return Double.isNaN(x) ? 0 : Math.copySign(Double.MAX_VALUE, x);
  }

  private static void subtractClusters(HybridParts parts, double[] values) {
    int count = parts.rows().count();
    float[] anchors = parts.set().anchors();
    ClusterAnswers base =
        parts.clusters().answer(new QueryBlock(anchors, count, parts.keyDim(), 1));
    for (int r = 0, i = 0, k = 0; r < count; r++, k++) {
      for (int c = 0; c < parts.valueDim(); c++, i++, k++) {
        values[k] = finite(values[k] - base.outputs()[i]);
      }
      values[k] = finite(values[k] - base.logNormalizers()[r]);
    }
  }

  private static void subtractMean(HybridParts parts, double[] values, double[] mean) {
    int columns = mean.length;
    int count = parts.rows().count();
    for (int r = 0, row = 0; r < count; r++, row += columns) {
      values[row + parts.valueDim()] -= parts.set().guess(r);
      for (int c = 0; c < columns; c++) {
        mean[c] += values[row + c];
      }
    }
    for (int c = 0; c < columns; c++) {
      mean[c] /= count;
    }
    for (int row = 0; row < values.length; row += columns) {
      for (int c = 0; c < columns; c++) {
        values[row + c] = finite(values[row + c] - mean[c]);
      }
    }
  }

  /** Gives rows that a retraction has emptied the mean of the others: they know nothing. */
  private static void fillEmptyRows(AnchorRows rows, double[] values, int columns) {
    int full = 0;
    for (int r = 0; r < rows.count(); r++) {
      full += isEmpty(rows, r) ? 0 : 1;
    }
    if (full == rows.count()) {
      return;
    }
    double[] mean = new double[columns];
    for (int r = 0; r < rows.count(); r++) {
      for (int c = 0; !isEmpty(rows, r) && c < columns; c++) {
        mean[c] += values[r * columns + c] / full;
      }
    }
    for (int r = 0; r < rows.count(); r++) {
      if (isEmpty(rows, r)) {
        System.arraycopy(mean, 0, values, r * columns, columns);
      }
    }
  }

  private static boolean isEmpty(AnchorRows rows, int row) {
    return rows.logDen(row) == Float.NEGATIVE_INFINITY;
  }
}
