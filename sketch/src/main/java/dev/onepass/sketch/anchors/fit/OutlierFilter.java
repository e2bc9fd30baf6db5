package dev.onepass.sketch.anchors.fit;

import dev.onepass.sketch.background.Interrupted;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Which rows of a matrix lie so far from nearly all others that they must not shape what all
 * sequences share. One key a thousand times as long as the rest would draw the attention of half of
 * the queries, and with it the metric, the centres and the choice of kernels.
 *
 * <p>Distances are taken from the medians of the coordinates, in units of what nine rows of ten
 * keep within. So a tenth of the rows may lie anywhere without moving the measure, and what a tenth
 * of the rows has in common (clusters, long keys, a channel of its own size) is no outlier. How far
 * the rest may lie follows from how fast distances grow from three rows of four to nine of ten:
 * about as far as the farthest of a hundred thousand would, if their logarithms were normal. So a
 * heavy tail stays, and what stands alone beyond a light one goes.
 *
 * <p>Sinks stay: rows of several sequences that lie at one spot, unless it is out of all
 * proportion. Such a key is there in every sequence, and every sequence attends to it.
 */
final class OutlierFilter {

  /** Share of the rows whose reach is the unit of distance. */
  private static final double MOST = 0.9;

  /** Share of the rows by which it is seen how fast distances grow. */
  private static final double MANY = 0.75;

  /**
   * Power of the growth between these shares that leads from the unit to the limit: for a normal
   * logarithm, (4.3 - 1.28) / (1.28 - 0.67), to one row of a hundred thousand.
   */
  private static final double GROWTH = 5;

  /** No row within so many units is an outlier. */
  private static final double NEAR = 2;

  /** Every row beyond so many units is one. */
  private static final double FAR = 8;

  /** A coordinate of less than this share of the usual reach is measured as if it had that. */
  private static final double LEAST_REACH = 0.1;

  /** No sink lies farther out. */
  private static final double FARTHEST_SINK = 16;

  /** Rows of a sink lie within this share of its distance. */
  private static final double SPOT = 0.125;

  /** Fewest sequences that a sink's rows come from, and one row of how many lies there. */
  private static final int SINK_SEQUENCES = 3;

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

  /** The rows that are no outliers, in their order. */
  static SampledVectors without(SampledVectors sample, int dim) {
    return sample.count(dim) == 0
        ? sample
        : sample.only(new OutlierFilter(sample, dim).kept(), dim);
  }

  /** Where the rows lie, and how far from there nearly all do, by coordinates. */
  private void measure() {
    for (int c = 0; c < dim; c++) {
      Interrupted.check();
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

  /** Whether enough rows of enough sequences lie within some distance of a row. */
  private boolean isSink(int row, double distance, int[] far) {
    Interrupted.check();
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
   * What a coordinate that hardly ever changes is measured by: the reach that coordinates have in
   * the middle; where none changes, the size of what stays; where that is 0, the size of what does
   * not.
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

  /** The distance up to which rows are no outliers. */
  private static double limit(double[] distances) {
    double unit = unit(distances);
    double many = quantile(i -> distances[i], distances.length, MANY);
    return unit * Math.min(FAR, Math.max(NEAR, Math.pow(unit / many, GROWTH)));
  }

  /** What nine of ten distances keep within; 1 where nine of ten rows are the same. */
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
