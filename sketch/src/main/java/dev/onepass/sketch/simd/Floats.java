package dev.onepass.sketch.simd;

/** Floats that stay numbers. */
public final class Floats {

  private Floats() {}

  /**
   * The number nearest to x that is no farther than {@code most} from 0; 0 if x is no number. By
   * comparisons: minima and maxima of floats take several times as long.
   */
  public static float within(float x, float most) {
    return Math.abs(x) <= most ? x : x != x ? 0 : Math.copySign(most, x);
  }

  /** Sum of the squares of {@code count} numbers from {@code from} on; four sums, for speed. */
  public static double squareSum(float[] x, int from, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = from;
    for (; i + 4 <= from + count; i += 4) {
      a += (double) x[i] * x[i];
      b += (double) x[i + 1] * x[i + 1];
      c += (double) x[i + 2] * x[i + 2];
      d += (double) x[i + 3] * x[i + 3];
    }
    for (; i < from + count; i++) {
      a += (double) x[i] * x[i];
    }
    return a + b + (c + d);
  }

  /** The same numbers, rounded. */
  public static float[] of(double[] x) {
    float[] floats = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      floats[i] = (float) x[i];
    }
    return floats;
  }
}
