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
  public void softmaxRows(float[] logits, int rows, int columns, float[] logSums) {
    for (int j = 0; j < rows; j++) {
      int from = j * columns;
      int to = from + columns;
      float max = Float.NEGATIVE_INFINITY;
      for (int i = from; i < to; i++) {
        logits[i] = finite(logits[i]);
        max = Math.max(max, logits[i]);
      }
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

  @Override
  public void softmaxColumns(float[] logits, int rows, int columns, float[] logSums) {
    float[] max = new float[columns];
    Arrays.fill(max, Float.NEGATIVE_INFINITY);
    for (int j = 0; j < rows; j++) {
      for (int c = 0, i = j * columns; c < columns; c++, i++) {
        logits[i] = finite(logits[i]);
        max[c] = Math.max(max[c], logits[i]);
      }
    }
    float[] sums = new float[columns];
    for (int j = 0; j < rows; j++) {
      for (int c = 0, i = j * columns; c < columns; c++, i++) {
        logits[i] = (float) Math.exp((double) logits[i] - max[c]);
        sums[c] += logits[i];
      }
    }
    for (int j = 0; j < rows; j++) {
      for (int c = 0, i = j * columns; c < columns; c++, i++) {
        logits[i] /= sums[c];
      }
    }
    for (int c = 0; c < columns; c++) {
      logSums[c] = (float) (max[c] + Math.log(sums[c]));
    }
  }

  /** Products of large floats overflow, and infinities of two signs add up to no number. */
  private static float finite(float logit) {
    return logit == logit ? Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, logit)) : 0;
  }

  @Override
  public void maternVariogram(float[] squareDistances, int count, double length) {
    for (int i = 0; i < count; i++) {
      double r = Math.sqrt(5 * Math.max(0.0, squareDistances[i])) / length;
      squareDistances[i] =
          (float) (r < Double.POSITIVE_INFINITY ? 1 - (1 + r + r * r / 3) * Math.exp(-r) : 1);
    }
  }
}
