package dev.onepass.bench.measure;

/** The Taylor polynomial of exp, computed apart from the sketches that are measured. */
public final class Taylor {
  private Taylor() {}

  /**
   * Largest relative error of the polynomial of even degree p on [-B, B]. It is at -B, and {@code
   * e^B P_p(-B) - 1} is the integral of {@code e^u u^p / p!} from 0 to B, which does not cancel.
   */
  public static double relativeError(int degree, double bound) {
    int steps = 2_000;
    double width = bound / steps;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double u = i * width;
      double f = Math.exp(u + degree * Math.log(Math.max(u, 1e-300)) - logFactorial(degree));
      sum += f * (i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2);
    }
    return sum * width / 3;
  }

  private static double logFactorial(int n) {
    double sum = 0;
    for (int i = 2; i <= n; i++) {
      sum += Math.log(i);
    }
    return sum;
  }

  /** The largest B on which the relative error stays within the tolerance. */
  public static double boundFor(int degree, double tolerance) {
    double low = 0;
    double high = 40;
    for (int i = 0; i < 50; i++) {
      double middle = 0.5 * (low + high);
      if (relativeError(degree, middle) <= tolerance) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
