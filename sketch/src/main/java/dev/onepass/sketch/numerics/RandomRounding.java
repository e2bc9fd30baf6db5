package dev.onepass.sketch.numerics;

/**
 * Rounds doubles to floats up or down with the probability that makes them right on average
 * (stochastic rounding; Croci et al., Royal Society Open Science 9, 2022). A long float sum that is
 * rounded to nearest drifts, because the same rounding happens over and over; one that is rounded
 * at random wanders by the square root of its length.
 */
public final class RandomRounding {

  private static final long DROPPED = (1L << 29) - 1;

  private RandomRounding() {}

  /**
   * One of the two floats around x, by chance, right on average; x itself where it is a float; the
   * largest float where x is beyond it.
   *
   * @param random 64 bits, of which 29 are used
   */
  public static float round(double x, long random) {
    if (Math.abs(x) >= Float.MAX_VALUE) {
      return Math.copySign(Float.MAX_VALUE, (float) x);
    }
    // A double has 29 bits of significand more than a float: fill them up at random, then drop
    // them.
    long bits = Double.doubleToRawLongBits(x) + (random & DROPPED);
    return (float) Double.longBitsToDouble(bits & ~DROPPED);
  }
}
