package dev.onepass.sketch.anchors;

import java.util.Arrays;
import java.util.List;

/**
 * Tells which of a set's kernels suits what a sequence knows at its anchors: the one by which some
 * anchors are missed least when they are left out (leave-one-out; Rasmussen and Williams, section
 * 5.4.2). Compared on the first anchors, which all sequences of a head share, so that a trial is a
 * few products.
 */
public final class KernelTrial {

  /** Anchors that kernels are compared on, at most. */
  static final int ANCHORS = 768;

  /** Anchors that are left out, one after the other, at most. */
  private static final int LEFT_OUT = 192;

  private final int count;
  private final float[][] missRows;

  KernelTrial(Places anchors, List<Kernel> kernels, int count) {
    this.count = count;
    missRows =
        kernels.stream()
            .map(kernel -> new Kriging(anchors, kernel, count).missRows(LEFT_OUT))
            .toArray(float[][]::new);
  }

  /**
   * How well the best kernel does.
   *
   * @param kernel its number
   * @param error sum of the squares of what anchors left out are missed by
   */
  public record Best(int kernel, double error) {}

  /**
   * The best kernel.
   *
   * @param known at least count x columns, row-major: the values of all anchors
   * @param counted columns that count, the first ones
   */
  public Best best(double[] known, int columns, int counted) {
    Best best = new Best(0, Double.POSITIVE_INFINITY);
    for (int k = 0; k < missRows.length; k++) {
      double error = error(missRows[k], known, columns, counted);
      if (error < best.error) {
        best = new Best(k, error);
      }
    }
    return best;
  }

  private double error(float[] rows, double[] known, int columns, int counted) {
    double[] miss = new double[counted];
    double error = 0;
    for (int w = 0; w < rows.length / count; w++) {
      Arrays.fill(miss, 0);
      for (int r = 0; r < count; r++) {
        double weight = rows[w * count + r];
        for (int c = 0, i = r * columns; c < counted; c++, i++) {
          miss[c] += weight * known[i];
        }
      }
      for (double part : miss) {
        error += part * part;
      }
    }
    return error;
  }

  /** Bytes that a trial takes in memory. */
  static long bytes(long count, int kernels) {
    return Float.BYTES * count * kernels * LEFT_OUT;
  }
}
