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
 *
 * <p>A float sum of 1e7 tokens that is rounded to nearest drifts: the same rounding happens over
 * and over. So each addition is rounded up or down with the probability that makes it right on
 * average (stochastic rounding; Croci et al., Royal Society Open Science 9, 2022), with bits hashed
 * from the entry's index and the token count: what is folded still decides every bit of the state.
 */
final class LinearState {

  private static final long DROPPED = (1L << 29) - 1;

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

  /** Bytes of a state. */
  static long bytes(long rows, int valueDim) {
    return rows * (valueDim + 1) * Float.BYTES;
  }

  /** Sum of feature {@code row} over all tokens. */
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
   * @param salt differs from fold to fold of a sequence, and is the same in every run
   */
  void fold(float[] features, float[] values, int count, long salt) {
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
  void merge(LinearState other, long salt) {
    add(den, other.den, salt);
    add(num, other.num, ~salt);
  }

  private static void add(float[] sums, float[] more, long salt) {
    long seed = mix(salt);
    for (int i = 0; i < sums.length; i++) {
      sums[i] = round((double) sums[i] + more[i], mix(seed + i));
    }
  }

  /** One of the two floats around x, by chance, right on average; x itself where it is a float. */
  static float round(double x, long random) {
    if (Math.abs(x) >= Float.MAX_VALUE) {
      return Math.copySign(Float.MAX_VALUE, (float) x);
    }
    // A double has 29 bits of significand more than a float: fill them up at random, then drop
    // them.
    long bits = Double.doubleToRawLongBits(x) + (random & DROPPED);
    return (float) Double.longBitsToDouble(bits & ~DROPPED);
  }

  /** The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
  private static long mix(long x) {
    long z = x + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
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
