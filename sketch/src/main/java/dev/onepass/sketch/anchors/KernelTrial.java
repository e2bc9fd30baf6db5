package dev.onepass.sketch.anchors;

import dev.onepass.sketch.kernel.Kernels;
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

  /** Of witnesses among a third of the anchors: missed by these, and missed by all. */
  private final float[][] missedByThird;

  private final float[][] missedByAll;

  KernelTrial(Places anchors, List<Kernel> kernels, int count) {
    this.count = count;
    int third = (count + 2) / 3;
    int[] some = Kriging.witnesses(third, LEFT_OUT);
    int n = kernels.size();
    missRows = new float[n][];
    missedByThird = new float[n][];
    missedByAll = new float[n][];
    for (int k = 0; k < n; k++) {
      Kriging all = new Kriging(anchors, kernels.get(k), count);
      missRows[k] = all.missRows(Kriging.witnesses(count, LEFT_OUT));
      missedByAll[k] = all.missRows(some);
      missedByThird[k] = new Kriging(anchors, kernels.get(k), third).missRows(some);
    }
  }

  /**
   * How well the best kernel does.
   *
   * @param kernel its number
   * @param error sum of the squares of what anchors left out are missed by, or would be by all
   */
  public record Best(int kernel, double error) {}

  /**
   * The best kernel. Where there are more than twice as many anchors as are compared on, a kernel
   * gains by them as it gained from a third of those compared on to all of them: short kernels gain
   * more.
   *
   * @param known R x columns, row-major: the values of all anchors
   * @param counted columns that count, the first ones
   */
  public Best best(double[] known, int columns, int counted) {
    double ratio = (double) known.length / columns / count;
    double thirds = ratio > 2 ? Math.log(ratio) / Math.log(3) : 0;
    double unit = largest(known);
    float[] values = inUnits(known, columns, counted, unit);
    Best best = new Best(0, Double.POSITIVE_INFINITY);
    for (int k = 0; k < missRows.length; k++) {
      double error = error(missRows[k], count, values, counted);
      if (thirds > 0) {
        double few = error(missedByThird[k], (count + 2) / 3, values, counted);
        double all = error(missedByAll[k], count, values, counted);
        error *= few > 0 ? Math.pow(all / few, thirds) : 1;
      }
      error *= unit * unit;
      if (error < best.error) {
        best = new Best(k, error);
      }
    }
    return best;
  }

  private static double largest(double[] known) {
    double largest = Double.MIN_NORMAL;
    for (double value : known) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /**
   * The columns that count, of the anchors compared on, none beyond 1: squares overflow no float.
   */
  private float[] inUnits(double[] known, int columns, int counted, double unit) {
    float[] values = new float[count * counted];
    for (int r = 0; r < count; r++) {
      for (int c = 0; c < counted; c++) {
        values[r * counted + c] = (float) (known[r * columns + c] / unit);
      }
    }
    return values;
  }

  private static double error(float[] rows, int anchors, float[] values, int counted) {
    int leftOut = rows.length / anchors;
    float[] misses = new float[leftOut * counted];
    Kernels.addProduct(rows, leftOut, anchors, values, counted, misses);
    double error = 0;
    for (float miss : misses) {
      error += (double) miss * miss;
    }
    return error;
  }

  /** Bytes that a trial takes in memory. */
  static long bytes(long count, int kernels) {
    return Float.BYTES * count * kernels * 2 * LEFT_OUT;
  }
}
