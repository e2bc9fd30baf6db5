// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

/** An implementation of the compute kernels; {@link Kernels} says what each of them computes. */
interface KernelProvider {

  /** Returns a name for logs. */
  String name();

  void logits(
      float[] query, int queryOffset, double scale, float[] keys, int count, int dim, double[] out);

  void solveLower(double[] lower, int n, double[] x);

  double max(double[] x, int count);

  void expMinus(double[] x, int count, double shift);

  void expOfNegative(float[] x, int count);

  void addWeightedRows(double[] weights, float[] rows, int count, int dim, double[] sum);

  void addTransposedProduct(
      float[] left, int leftDim, float[] right, int rightDim, int count, float[] sum);

  void addProduct(float[] left, int count, int innerDim, float[] right, int rightDim, float[] sum);

  void logMasses(
      float[] deviations,
      int rows,
      float[] logCounts,
      float[] spreads,
      float[] reaches,
      float[] out);

  void cutMeans(
      float[] weights, int rows, float[] shares, float[] ends, float[] deviations, float[] out);

  void softmaxRows(float[] logits, int rows, int columns, float[] logSums);

  void maternVariogram(float[] squareDistances, int count, double length);

  void attend(
      float[] queries,
      int count,
      int dim,
      float[] keys,
      float[] biases,
      float[] values,
      int tokens,
      int valueDim,
      float[] outputs,
      float[] logSums);

  void mixRows(
      short[] rows,
      byte[] exponents,
      float[] keeps,
      float[] others,
      float[] takes,
      int[] seeds,
      int count,
      int dim);

  void roundRow(float[] row, int at, int dim);

  /**
   * Replaces {@code row} by {@code row + take (other - less row)}; see {@link Kernels#mixRow} and
   * {@link Kernels#addToRow}.
   *
   * @param less 1 to mix, 0 to add
   */
  void mixRow(
      float[] row, int at, float[] other, int from, int dim, float less, float take, int seed);

  void addWeightedSquares(
      double[] weights, float[] rows, int count, int dim, double[] centre, double[] sum);

  void squareDistances(float[] panels, int count, int dim, int first, int points, float[] out);

  int indexOfLeast(float[] x, int count);

  int indexOfLeastCost(
      float[] distances, int at, float[] sizes, float[] extras, int count, float size, float extra);
}
