// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

import java.util.Arrays;

/**
 * Compute kernels as plain loops, which the just-in-time compiler can vectorize where they run over
 * doubles and floats. One class with a method per kernel, like {@link Kernels}.
 */
final class ScalarKernels implements KernelProvider {

  @Override
  public String name() {
    return "plain loops";
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
    for (int j = 0; j < count; j++) {
      double dot = 0;
      int k = j * dim;
      for (int i = 0; i < dim; i++) {
        dot += (double) query[queryOffset + i] * keys[k + i];
      }
      out[j] = scale * dot;
    }
  }

  @Override
  public void solveLower(double[] lower, int n, double[] x) {
    for (int i = 0, row = 0; i < n; row += ++i) {
      double dot = 0;
      for (int l = 0; l < i; l++) {
        dot += lower[row + l] * x[l];
      }
      x[i] = (x[i] - dot) / lower[row + i];
    }
  }

  @Override
  public double max(double[] x, int count) {
    double max = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < count; j++) {
      max = Math.max(max, x[j]);
    }
    return max;
  }

  @Override
  public void expMinus(double[] x, int count, double shift) {
    for (int j = 0; j < count; j++) {
      x[j] = Math.exp(x[j] - shift);
    }
  }

  @Override
  public void expOfNegative(float[] x, int count) {
    expOfNegative(x, 0, count);
  }

  static void expOfNegative(float[] x, int from, int to) {
    for (int j = from; j < to; j++) {
      x[j] = (float) Math.exp(x[j]);
    }
  }

  @Override
  public void addWeightedRows(double[] weights, float[] rows, int count, int dim, double[] sum) {
    for (int j = 0; j < count; j++) {
      double weight = weights[j];
      int r = j * dim;
      for (int c = 0; c < dim; c++) {
        sum[c] += weight * rows[r + c];
      }
    }
  }

  @Override
  public void addTransposedProduct(
      float[] left, int leftDim, float[] right, int rightDim, int count, float[] sum) {
    float[] row = new float[rightDim];
    for (int r = 0; r < leftDim; r++) {
      Arrays.fill(row, 0f);
      for (int j = 0; j < count; j++) {
        float factor = left[j * leftDim + r];
        int v = j * rightDim;
        for (int c = 0; c < rightDim; c++) {
          row[c] += factor * right[v + c];
        }
      }
      int s = r * rightDim;
      for (int c = 0; c < rightDim; c++) {
        sum[s + c] += row[c];
      }
    }
  }

  @Override
  public void addProduct(
      float[] left, int count, int innerDim, float[] right, int rightDim, float[] sum) {
    for (int j = 0; j < count; j++) {
      int s = j * rightDim;
      for (int i = 0; i < innerDim; i++) {
        float factor = left[j * innerDim + i];
        int r = i * rightDim;
        for (int c = 0; c < rightDim; c++) {
          sum[s + c] += factor * right[r + c];
        }
      }
    }
  }

  @Override
  public void logMasses(
      float[] deviations,
      int rows,
      float[] logCounts,
      float[] spreads,
      float[] reaches,
      float[] out) {
    for (int j = 0; j < rows; j++) {
      logMasses(deviations[j], logCounts, spreads, reaches, 0, out, j * logCounts.length);
    }
  }

  /** Computes the masses of one row, starting at a column. */
  static void logMasses(
      float deviation,
      float[] logCounts,
      float[] spreads,
      float[] reaches,
      int first,
      float[] out,
      int row) {
    for (int c = first; c < logCounts.length; c++) {
      float along = deviation * spreads[c];
      float within = Math.min(along, reaches[c]);
      out[row + c] = logCounts[c] + within * (along - within / 2);
    }
  }

  @Override
  public void cutMeans(
      float[] weights, int rows, float[] shares, float[] ends, float[] deviations, float[] out) {
    for (int j = 0; j < rows; j++) {
      out[j] = cutMean(weights, j * shares.length, shares, ends, 1 / deviations[j], 0);
    }
  }

  /** Returns the mean of one row, starting at a column. */
  static float cutMean(
      float[] weights, int row, float[] shares, float[] ends, float factor, int first) {
    float mean = 0;
    for (int c = first; c < shares.length; c++) {
      float cut = ends[c] * factor;
      mean += weights[row + c] * shares[c] * (cut < 1 ? cut : 1);
    }
    return mean;
  }

  @Override
  public void softmaxRows(float[] logits, int rows, int columns, float[] logSums) {
    for (int j = 0; j < rows; j++) {
      int from = j * columns;
      int to = from + columns;
      float max = makeFinite(logits, from, to);
      float sum = 0;
      for (int i = from; i < to; i++) {
        logits[i] = (float) Math.exp((double) logits[i] - max);
        sum += logits[i];
      }
      for (int i = from; i < to; i++) {
        logits[i] /= sum;
      }
      logSums[j] = (float) (max + Math.log(sum));
    }
  }

  /** Makes logits finite and returns the largest; negative infinity if there are none. */
  static float makeFinite(float[] logits, int from, int to) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      logits[i] = finite(logits[i]);
      max = Math.max(max, logits[i]);
    }
    return max;
  }

  /**
   * Returns a finite logit. Products of large floats overflow, and opposite infinities add up to
   * NaN.
   */
  // The comparison with itself is false for NaN only; it keeps compiled loops as they are measured.
  @SuppressWarnings("IdentityBinaryExpression")
  private static float finite(float logit) {
    return logit == logit ? Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, logit)) : 0;
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
    float[] weights = new float[tokens];
    float[] logSum = new float[1];
    Arrays.fill(outputs, 0, count * valueDim, 0);
    for (int q = 0; q < count; q++) {
      for (int j = 0; j < tokens; j++) {
        float logit = 0;
        for (int i = 0; i < dim; i++) {
          logit += queries[q * dim + i] * keys[j * dim + i];
        }
        weights[j] = biases.length == 0 ? logit : logit + biases[j];
      }
      softmaxRows(weights, 1, tokens, logSum);
      logSums[q] = logSum[0];
      for (int j = 0; j < tokens; j++) {
        for (int c = 0; c < valueDim; c++) {
          outputs[q * valueDim + c] += weights[j] * values[j * valueDim + c];
        }
      }
    }
  }

  @Override
  public void maternVariogram(float[] squareDistances, int count, double length) {
    maternVariogram(squareDistances, 0, count, length);
  }

  /** Computes the variogram of the square distances from {@code from} to {@code to}. */
  static void maternVariogram(float[] squareDistances, int from, int to, double length) {
    for (int i = from; i < to; i++) {
      double r = Math.sqrt(5 * Math.max(0.0, squareDistances[i])) / length;
      squareDistances[i] =
          (float) (r < Double.POSITIVE_INFINITY ? 1 - (1 + r + r * r / 3) * Math.exp(-r) : 1);
    }
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
    RowMix mix = new RowMix(rows, others, dim);
    for (int r = 0; r < count; r++) {
      if (takes[r] == 0) {
        continue;
      }
      mix.begin(r * dim, exponents[r], keeps[r], takes[r], seeds[r]);
      if (mix.scale(mix.largestBits(0))) {
        mix.round(0);
      } else {
        mix.roundInDoubles();
      }
      exponents[r] = (byte) mix.exponent;
    }
  }

  @Override
  public void roundRow(float[] row, int at, int dim) {
    int exponent = RowRounding.exponent(RowRounding.largestBits(row, at, at + dim));
    RowRounding.round(row, at, at + dim, exponent);
  }

  @Override
  public void mixRow(
      float[] row, int at, float[] other, int from, int dim, float less, float take, int seed) {
    int largestOwn = RowRounding.largestBits(row, at, at + dim);
    int largest = RowRounding.largestBitsOfSum(row, at, other, from, 0, dim, less, take);
    int exponent = RowRounding.exponentOfSum(largest, largestOwn);
    if (exponent == RowRounding.NONE) {
      RowRounding.mixInDoubles(row, at, other, from, dim, less, take, seed);
    } else {
      RowRounding.mix(row, at, other, from, 0, dim, less, take, seed, exponent);
    }
  }

  @Override
  public void addWeightedSquares(
      double[] weights, float[] rows, int count, int dim, double[] centre, double[] sum) {
    for (int j = 0; j < count; j++) {
      double weight = weights[j];
      int r = j * dim;
      for (int c = 0; c < dim; c++) {
        double x = rows[r + c] - centre[c];
        sum[c] += weight * x * x;
      }
    }
  }

  @Override
  public void squareDistances(
      float[] panels, int count, int dim, int first, int points, float[] out) {
    Arrays.fill(out, 0, points * count, 0);
    for (int c = 0; c < count; c += Kernels.PANEL) {
      int other = Kernels.panelAt(c, dim);
      for (int p = 0; p < points; p++) {
        int point = Kernels.panelAt(first + p, dim);
        int row = p * count + c;
        for (int i = 0; i < dim * Kernels.PANEL; i += Kernels.PANEL) {
          float x = panels[point + i];
          for (int l = 0; l < Kernels.PANEL; l++) {
            float difference = panels[other + i + l] - x;
            out[row + l] += difference * difference;
          }
        }
      }
    }
  }

  @Override
  public int indexOfLeast(float[] x, int count) {
    int least = 0;
    for (int i = 1; i < count; i++) {
      if (x[i] < x[least]) {
        least = i;
      }
    }
    return least;
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
    float least = Float.POSITIVE_INFINITY;
    int index = 0;
    for (int b = 0; b < count; b++) {
      float factor = size * sizes[b] / (size + sizes[b]) + extra + extras[b];
      float cost = distances[at + b] * factor;
      if (cost < least) {
        least = cost;
        index = b;
      }
    }
    return index;
  }
}
