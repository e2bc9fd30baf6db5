// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

/**
 * Compute kernels on {@code jdk.incubator.vector}, with the number of lanes that the machine
 * prefers. This class is loaded only if that module is available; see {@link Kernels}.
 */
final class VectorKernels implements KernelProvider {

  @Override
  public String name() {
    return "vectors of " + VectorProducts.bits() + " bits";
  }

  @Override
  public void logits(
      float[] query,
      int queryOffset,
      double scale,
      float[] keys,
      int count,
      int dim,
      double[] out) {
    VectorDoubles.logits(query, queryOffset, scale, keys, count, dim, out);
  }

  @Override
  public void solveLower(double[] lower, int n, double[] x) {
    VectorDoubles.solveLower(lower, n, x);
  }

  @Override
  public double max(double[] x, int count) {
    return VectorDoubles.max(x, count);
  }

  @Override
  public void expMinus(double[] x, int count, double shift) {
    VectorDoubles.expMinus(x, count, shift);
  }

  @Override
  public void expOfNegative(float[] x, int count) {
    VectorSoftmax.expOfNegative(x, count);
  }

  @Override
  public void addWeightedRows(double[] weights, float[] rows, int count, int dim, double[] sum) {
    VectorDoubles.addWeightedRows(weights, rows, count, dim, sum);
  }

  @Override
  public void addTransposedProduct(
      float[] left, int leftDim, float[] right, int rightDim, int count, float[] sum) {
    VectorProducts.add(
        left, 0, 1, leftDim, leftDim, count, right, 0, rightDim, rightDim, sum, 0, rightDim);
  }

  @Override
  public void addProduct(
      float[] left, int count, int innerDim, float[] right, int rightDim, float[] sum) {
    VectorProducts.add(left, count, innerDim, right, rightDim, sum);
  }

  @Override
  public void logMasses(
      float[] deviations,
      int rows,
      float[] logCounts,
      float[] spreads,
      float[] reaches,
      float[] out) {
    VectorSoftmax.logMasses(deviations, rows, logCounts, spreads, reaches, out);
  }

  @Override
  public void cutMeans(
      float[] weights, int rows, float[] shares, float[] ends, float[] deviations, float[] out) {
    VectorSoftmax.cutMeans(weights, rows, shares, ends, deviations, out);
  }

  @Override
  public void softmaxRows(float[] logits, int rows, int columns, float[] logSums) {
    VectorSoftmax.softmaxRows(logits, rows, columns, logSums);
  }

  @Override
  public void attend(
      float[] queries,
      int count,
      int dim,
      float[] keys,
      float[] biases,
      float[] values,
      int tokens,
      int valueDim,
      float[] outputs,
      float[] logSums) {
    VectorSoftmax.attend(
        queries, count, dim, keys, biases, values, tokens, valueDim, outputs, logSums);
  }

  @Override
  public void maternVariogram(float[] squareDistances, int count, double length) {
    VectorMatern.maternVariogram(squareDistances, count, length);
  }

  @Override
  public void mixRows(
      short[] rows,
      byte[] exponents,
      float[] keeps,
      float[] others,
      float[] takes,
      int[] seeds,
      int count,
      int dim) {
    VectorRows.mixRows(rows, exponents, keeps, others, takes, seeds, count, dim);
  }

  @Override
  public void roundRow(float[] row, int at, int dim) {
    VectorRounding.roundRow(row, at, dim);
  }

  @Override
  public void mixRow(
      float[] row, int at, float[] other, int from, int dim, float less, float take, int seed) {
    VectorRounding.mixRow(row, at, other, from, dim, less, take, seed);
  }

  @Override
  public void addWeightedSquares(
      double[] weights, float[] rows, int count, int dim, double[] centre, double[] sum) {
    VectorDoubles.addWeightedSquares(weights, rows, count, dim, centre, sum);
  }

  @Override
  public void squareDistances(
      float[] panels, int count, int dim, int first, int points, float[] out) {
    VectorDistances.squareDistances(panels, count, dim, first, points, out);
  }

  @Override
  public int indexOfLeast(float[] x, int count) {
    return VectorDistances.indexOfLeast(x, count);
  }

  @Override
  public int indexOfLeastCost(
      float[] distances,
      int at,
      float[] sizes,
      float[] extras,
      int count,
      float size,
      float extra) {
    return VectorDistances.indexOfLeastCost(distances, at, sizes, extras, count, size, extra);
  }
}
