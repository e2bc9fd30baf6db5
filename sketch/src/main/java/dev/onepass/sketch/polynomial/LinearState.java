package dev.onepass.sketch.polynomial;

import dev.onepass.sketch.numerics.RandomRounding;
import dev.onepass.sketch.simd.Kernels;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * Sums of features over tokens: den (rows) and num (rows x dv), float32. Bytes: all of den, then
 * num row by row.
 *
 * <p>Sums saturate at the largest float instead of overflowing, so that no input leaves an infinity
 * or a NaN behind.
 *
 * <p>A float sum of 1e7 tokens that is rounded to nearest drifts: the same rounding happens over
 * and over. So each addition is rounded by {@link RandomRounding}, with bits hashed from the
 * entry's index and the token count: what is folded still decides every bit of the state.
 */
public final class LinearState {

  private final int rows;
  private final int valueDim;
  private final float[] den;
  private final float[] num;

  /** Sums of {@code rows} features, all 0. */
  public LinearState(int rows, int valueDim) {
    this(rows, valueDim, new float[rows], new float[Math.multiplyExact(rows, valueDim)]);
  }

  private LinearState(int rows, int valueDim, float[] den, float[] num) {
    this.rows = rows;
    this.valueDim = valueDim;
    this.den = den;
    this.num = num;
  }

  /** Bytes of a state. */
  public static long bytes(long rows, int valueDim) {
    return rows * (valueDim + 1) * Float.BYTES;
  }

  /** The sums of features, one a row: s = U2' 1; not a copy. */
  public float[] den() {
    return den;
  }

  /** Length dv of values. */
  public int valueDim() {
    return valueDim;
  }

  /** Adds {@code features' num}, the numerator of a query with these features (rows). */
  public void addTo(double[] features, double[] numerator) {
    Kernels.addWeightedRows(features, num, rows, valueDim, numerator);
  }

  /** The sums of values, rows x dv: U2' V; not a copy. */
  public float[] num() {
    return num;
  }

  /**
   * Adds a block of tokens.
   *
   * @param features count x rows, psi_r(k_j) times the token's weight
   * @param values count x dv
   * @param salt differs from fold to fold of a sequence, and is the same in every run
   */
  public void fold(float[] features, float[] values, int count, long salt) {
    float[] blockDen = new float[rows];
    for (int j = 0; j < count; j++) {
      for (int r = 0, f = j * rows; r < rows; r++, f++) {
        blockDen[r] += features[f];
      }
    }
    float[] blockNum = new float[num.length];
    Kernels.addTransposedProduct(features, rows, values, valueDim, count, blockNum);
    add(den, blockDen, salt);
    add(num, blockNum, ~salt);
  }

  /**
   * Adds another state over the same rows.
   *
   * @param salt as in {@link #fold}
   */
  public void merge(LinearState other, long salt) {
    add(den, other.den, salt);
    add(num, other.num, ~salt);
  }

  private static void add(float[] sums, float[] more, long salt) {
    long seed = RandomRounding.mix(salt);
    for (int i = 0; i < sums.length; i++) {
      sums[i] = RandomRounding.round((double) sums[i] + more[i], RandomRounding.mix(seed + i));
    }
  }

  /** Writes den, then num. */
  public void write(WireWriter out) {
    out.putFloats(den, den.length);
    out.putFloats(num, num.length);
  }

  /** Reads what {@link #write} wrote; allocates nothing before the bytes are there. */
  public static LinearState read(WireReader in, int rows, int valueDim) {
    in.require(bytes(rows, valueDim));
    return new LinearState(
        rows, valueDim, in.getFloats(rows), in.getFloats(Math.multiplyExact(rows, valueDim)));
  }
}
