// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.fit;

import dev.onepass.sketch.background.InterruptedWorkException;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Removes rows that lie so far from nearly all others that they must not shape what all sequences
 * share. One key a thousand times as long as the others would attract the attention of half of the
 * queries, and would distort the metric, the centres and the choice of kernels.
 *
 * <p>The distance of a row is measured from the medians of the coordinates, each coordinate in
 * units of the deviation that nine rows out of ten do not exceed. So a tenth of the rows may lie
 * anywhere without an effect on the measure, and what a tenth of the rows has in common (clusters,
 * long keys, a coordinate of a different size) is not an outlier. The limit follows from how fast
 * distances grow between the 75 % and the 90 % quantile: it is about the distance of the farthest
 * of a hundred thousand rows if the logarithms of distances were normal. So a heavy tail stays, and
 * isolated rows beyond a light tail are removed.
 *
 * <p>Attention sinks stay: rows of several sequences at one point, unless they lie extremely far
 * out. Such a key exists in every sequence, and every sequence attends to it (Xiao et al., arXiv
 * 2309.17453).
 */
final class OutlierFilter {

  /** Share of the rows whose deviation is the unit of distance. */
  private static final double MOST = 0.9;

  /** Smaller share of the rows, from which the growth of distances is measured. */
  private static final double MANY = 0.75;

  /**
   * Power of the growth between these shares that leads from the unit to the limit. For a normal
   * logarithm it is (4.3 - 1.28) / (1.28 - 0.67), which corresponds to one row in a hundred
   * thousand.
   */
  private static final double GROWTH = 5;

  /** Lower bound of the limit: rows within this many units are never outliers. */
  private static final double NEAR = 2;

  /** Upper bound of the limit: rows beyond this many units always are outliers. */
  private static final double FAR = 8;

  /** Lower bound of the unit of a coordinate, relative to the usual unit. */
  private static final double LEAST_REACH = 0.1;

  /** Maximum distance of a sink, in units. */
  private static final double FARTHEST_SINK = 16;

  /** Radius of a sink, relative to its distance. */
  private static final double SPOT = 0.125;

  /** Minimum number of rows of a sink, and of sequences that they come from. */
  private static final int SINK_SEQUENCES = 3;

  /** A sink also has at least one row in this many. */
  private static final int SINK_AMONG = 1_000;

  private final int dim;
  private final int count;
  private final float[] rows;
  private final long[] sequences;
  private final double[] medians;
  private final double[] reaches;

  private OutlierFilter(SampledVectors sample, int dim) {
    rows = sample.rows();
    sequences = sample.sequences();
    this.dim = dim;
    count = rows.length / dim;
    medians = new double[dim];
    reaches = new double[dim];
    measure();
  }

  /**
   * Returns the rows that are not outliers, in their order.
   *
   * @param sample rows of length {@code dim}
   * @param dim length of a row
   * @throws java.util.concurrent.CancellationException if the thread is interrupted
   */
  static SampledVectors without(SampledVectors sample, int dim) {
    return sample.count(dim) == 0
        ? sample
        : sample.only(new OutlierFilter(sample, dim).kept(), dim);
  }

  /**
   * Computes the median of each coordinate, and the deviation from it that nine rows in ten do not
   * exceed.
   */
  private void measure() {
    for (int c = 0; c < dim; c++) {
      InterruptedWorkException.check();
      int column = c;
      double median = quantile(i -> rows[i * dim + column], count, 0.5);
      medians[c] = median;
      reaches[c] = quantile(i -> Math.abs(rows[i * dim + column] - median), count, MOST);
    }
    double usual = usual();
    for (int c = 0; c < dim; c++) {
      reaches[c] = reaches[c] > 0 ? Math.max(reaches[c], LEAST_REACH * usual) : usual;
    }
  }

  private int[] kept() {
    double[] lengths = new double[count];
    double[] widest = new double[count];
    for (int row = 0; row < count; row++) {
      double square = 0;
      for (int c = 0; c < dim; c++) {
        double z = Math.abs(rows[row * dim + c] - medians[c]) / reaches[c];
        widest[row] = Math.max(widest[row], z);
        square += z * z;
      }
      lengths[row] = Math.sqrt(square);
    }
    double longest = limit(lengths);
    double farthest = limit(widest);
    double sink = FARTHEST_SINK * unit(lengths);
    int[] far =
        IntStream.range(0, count)
            .filter(row -> !(lengths[row] <= longest && widest[row] <= farthest))
            .toArray();
    boolean[] out = new boolean[count];
    for (int row : far) {
      out[row] = !(lengths[row] <= sink && isSink(row, SPOT * lengths[row], far));
    }
    return IntStream.range(0, count).filter(row -> !out[row]).toArray();
  }

  /**
   * Returns whether a sink surrounds a row: whether enough far rows, from enough sequences, lie
   * within a distance of it.
   */
  private boolean isSink(int row, double distance, int[] far) {
    InterruptedWorkException.check();
    int[] near =
        Arrays.stream(far)
            .filter(other -> squareDistance(row, other) <= distance * distance)
            .toArray();
    return near.length >= Math.max(SINK_SEQUENCES, count / SINK_AMONG)
        && Arrays.stream(near).mapToLong(other -> sequences[other]).distinct().count()
            >= SINK_SEQUENCES;
  }

  private double squareDistance(int row, int other) {
    double square = 0;
    for (int c = 0; c < dim; c++) {
      double z = ((double) rows[row * dim + c] - rows[other * dim + c]) / reaches[c];
      square += z * z;
    }
    return square;
  }

  /**
   * Returns the unit for coordinates that hardly ever change: the median unit of the other
   * coordinates; if no coordinate changes, the median magnitude of their constant values; if these
   * are 0, the median magnitude of the exceptions.
   */
  private double usual() {
    double[] sizes = Arrays.stream(reaches).filter(reach -> reach > 0).sorted().toArray();
    if (sizes.length == 0) {
      sizes = Arrays.stream(medians).map(Math::abs).filter(size -> size > 0).sorted().toArray();
    }
    if (sizes.length == 0) {
      sizes =
          IntStream.range(0, count * dim)
              .mapToDouble(i -> Math.abs(rows[i]))
              .filter(size -> size > 0)
              .sorted()
              .toArray();
    }
    return sizes.length == 0 ? 1 : sizes[sizes.length / 2];
  }

  /** Returns the distance beyond which rows are outliers. */
  private static double limit(double[] distances) {
    double unit = unit(distances);
    double many = quantile(i -> distances[i], distances.length, MANY);
    return unit * Math.min(FAR, Math.max(NEAR, Math.pow(unit / many, GROWTH)));
  }

  /** Returns the 90 % quantile of distances; 1 if it is 0. */
  private static double unit(double[] distances) {
    double unit = quantile(i -> distances[i], distances.length, MOST);
    return unit > 0 ? unit : 1;
  }

  private static double quantile(IntToDoubleFunction value, int count, double share) {
    double[] sorted = IntStream.range(0, count).mapToDouble(value).toArray();
    Arrays.sort(sorted);
    return sorted[(int) (share * (count - 1))];
  }
}
