package dev.onepass.sketch.kernel;

import java.util.Arrays;

/**
 * Plain loops, written so that the just-in-time compiler can vectorise those over doubles and
 * floats.
 */
final class ScalarKernels implements KernelProvider {

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
}
