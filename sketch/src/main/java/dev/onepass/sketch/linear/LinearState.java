package dev.onepass.sketch.linear;

import dev.onepass.sketch.kernel.Kernels;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * Sums of features over tokens: den (rows) and num (rows x dv), float32. Bytes: all of den, then
 * num row by row.
 *
 * <p>Sums saturate at the largest float instead of overflowing, so that no input leaves an infinity
 * or a NaN behind.
 */
final class LinearState {

  private final int rows;
  private final int valueDim;
  private final float[] den;
  private final float[] num;

  LinearState(int rows, int valueDim) {
    this(rows, valueDim, new float[rows], new float[Math.multiplyExact(rows, valueDim)]);
  }

  private LinearState(int rows, int valueDim, float[] den, float[] num) {
    this.rows = rows;
    this.valueDim = valueDim;
    this.den = den;
    this.num = num;
  }

  static long bytes(long rows, int valueDim) {
    return rows * (valueDim + 1) * Float.BYTES;
  }

  float den(int row) {
    return den[row];
  }

  /** The sums of values, rows x dv; not a copy. */
  float[] num() {
    return num;
  }

  /**
   * Adds a block of tokens.
   *
   * @param features count x rows, psi_r(k_j) times the token's weight
   * @param values count x dv
   */
  void fold(float[] features, float[] values, int count) {
    float[] blockDen = new float[rows];
    for (int j = 0; j < count; j++) {
      for (int r = 0, f = j * rows; r < rows; r++, f++) {
        blockDen[r] += features[f];
      }
    }
    for (int r = 0; r < rows; r++) {
      den[r] += blockDen[r];
    }
    Kernels.addTransposedProduct(features, rows, values, valueDim, count, num);
    saturate();
  }

  void merge(LinearState other) {
    for (int r = 0; r < den.length; r++) {
      den[r] += other.den[r];
    }
    for (int i = 0; i < num.length; i++) {
      num[i] += other.num[i];
    }
    saturate();
  }

  private void saturate() {
    saturate(den);
    saturate(num);
  }

  private static void saturate(float[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] = Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, sums[i]));
    }
  }

  void write(WireWriter out) {
    out.putFloats(den, den.length);
    out.putFloats(num, num.length);
  }

  static LinearState read(WireReader in, int rows, int valueDim) {
    in.require(bytes(rows, valueDim));
    return new LinearState(
        rows, valueDim, in.getFloats(rows), in.getFloats(Math.multiplyExact(rows, valueDim)));
  }
}
