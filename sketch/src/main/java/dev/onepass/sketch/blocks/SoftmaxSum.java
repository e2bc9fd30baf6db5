package dev.onepass.sketch.blocks;

import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The two sums of softmax attention for several queries, in log space: {@code den = sum_j w_j
 * exp(l_j - max)} and {@code num = sum_j w_j exp(l_j - max) v_j}. This is the one home of
 * log-sum-exp: every part of a sequence adds its sums here, whatever its own maximum.
 *
 * <p>{@code peak} is den without its negative terms: what was there before tokens were taken back.
 * Where den has fallen far below peak, rounding is all that is left of the answer.
 */
public final class SoftmaxSum {

  /** Den below this share of peak means that the retracted tokens dominated. */
  private static final double LOST = 0x1p-12;

  /** Of the errors of the outputs of any two parts. */
  private static final double CORRELATION = 0.5;

  private final int valueDim;
  private final double[] max;
  private final double[] den;
  private final double[] peak;
  private final double[] num;
  private final double[] beyond;
  private final List<List<Estimate>> estimates;
  private boolean bounded;

  /**
   * A part that says how wrong it may be.
   *
   * @param logDen ln of its den
   * @param output its num / den
   * @param outputError of |output|, as a bound that holds for 90 %
   * @param logDenError of logDen, likewise
   */
  private record Estimate(double logDen, double[] output, double outputError, double logDenError) {}

  /** No mass yet, for {@code queries} queries and outputs of length {@code valueDim}. */
  public SoftmaxSum(int queries, int valueDim) {
    this.valueDim = valueDim;
    max = new double[queries];
    Arrays.fill(max, Double.NEGATIVE_INFINITY);
    den = new double[queries];
    peak = new double[queries];
    num = new double[queries * valueDim];
    beyond = new double[queries];
    estimates = new ArrayList<>(Collections.nCopies(queries, List.of()));
  }

  /** Number of queries. */
  public int queries() {
    return max.length;
  }

  /** Length of outputs. */
  public int valueDim() {
    return valueDim;
  }

  /**
   * Adds a part's sums for one query.
   *
   * @param query row, from 0
   * @param partMax logit that the part's sums are relative to
   * @param partDen sum of weights relative to partMax
   * @param partPeak the same without its negative terms
   * @param partNum weighted sum of values relative to partMax, valueDim numbers
   */
  public void add(int query, double partMax, double partDen, double partPeak, double[] partNum) {
    double common = Math.max(max[query], partMax);
    if (common == Double.NEGATIVE_INFINITY) {
      return;
    }
    double mine = rescale(max[query], common);
    double theirs = rescale(partMax, common);
    max[query] = common;
    den[query] = den[query] * mine + partDen * theirs;
    peak[query] = peak[query] * mine + partPeak * theirs;
    for (int c = 0, i = query * valueDim; c < valueDim; c++, i++) {
      num[i] = num[i] * mine + partNum[c] * theirs;
    }
  }

  /**
   * Adds a part that knows how wrong it may be.
   *
   * @param query row, from 0
   * @param logDen ln of the part's den
   * @param output the part's num / den, valueDim numbers
   * @param outputError bound on |output - true output| that holds for 90 % of answers
   * @param logDenError bound on |logDen - true ln den|, likewise
   */
  public void addEstimate(
      int query, double logDen, double[] output, double outputError, double logDenError) {
    add(query, logDen, 1, 1, output);
    Estimate estimate = new Estimate(logDen, output.clone(), outputError, logDenError);
    List<Estimate> before = estimates.get(query);
    if (before.isEmpty()) {
      estimates.set(query, List.of(estimate));
    } else {
      List<Estimate> more = new ArrayList<>(before);
      more.add(estimate);
      estimates.set(query, more);
    }
  }

  /** Whether any part of this answer said how wrong it may be. */
  public boolean isEstimated(int query) {
    return !estimates.get(query).isEmpty();
  }

  /**
   * Bound on |answer - true answer| that holds for 90 % of answers, if all parts that are not exact
   * said theirs. What each says of its output counts with its share w of the mass; parts that look
   * at the same anchors err alike, and these add up as errors do that are correlated by one half
   * (measured on shards of real heads). What a part says of its mass moves the answer by w (output
   * - answer), which is 0 for all of them together where they err alike.
   */
  public double error(int query) {
    double moves = 0;
    double squares = 0;
    double sum = 0;
    for (Estimate estimate : estimates.get(query)) {
      double share = share(estimate, query);
      double distance = 0;
      for (int c = 0; c < valueDim; c++) {
        double difference = estimate.output[c] - output(query, c);
        distance += difference * difference;
      }
      double error = share * estimate.outputError;
      double moved = share * estimate.logDenError;
      sum += error;
      squares += error * error;
      moves += moved * moved * distance;
    }
    return Math.hypot(correlated(sum, squares), Math.sqrt(moves));
  }

  /**
   * Bound on |{@link #logNormalizer} - true one| that holds for 90 % of answers, if all parts that
   * are not exact said theirs; 0 where all are exact. A change of a part's logDen moves the sum's
   * by the part's share of the mass; parts err alike as in {@link #error}.
   */
  public double logNormalizerError(int query) {
    double squares = 0;
    double sum = 0;
    for (Estimate estimate : estimates.get(query)) {
      double error = share(estimate, query) * estimate.logDenError;
      sum += error;
      squares += error * error;
    }
    return correlated(sum, squares);
  }

  /** Returns the share of the mass that a part has. */
  private double share(Estimate estimate, int query) {
    return Math.min(1, Math.exp(estimate.logDen - logNormalizer(query)));
  }

  /** Returns the size of a sum of errors that are correlated. */
  private static double correlated(double sum, double squares) {
    return Math.sqrt(CORRELATION * sum * sum + (1 - CORRELATION) * squares);
  }

  private static double rescale(double from, double to) {
    return from == to ? 1 : Math.exp(from - to);
  }

  /** Adds every row of another sum over the same queries. */
  public void add(SoftmaxSum other) {
    double[] row = new double[valueDim];
    for (int i = 0; i < max.length; i++) {
      System.arraycopy(other.num, i * valueDim, row, 0, valueDim);
      add(i, other.max[i], other.den[i], other.peak[i], row);
      beyond[i] += other.beyond[i];
      List<Estimate> both = new ArrayList<>(estimates.get(i));
      both.addAll(other.estimates.get(i));
      estimates.set(i, both);
    }
    bounded |= other.bounded;
  }

  /** Coordinate c of the query's answer, num / den; NaN where there is no mass. */
  public double output(int query, int c) {
    return num[query * valueDim + c] / den[query];
  }

  /** ln den, with the maximum put back; negative infinity where there is no mass. */
  public double logNormalizer(int query) {
    return den[query] > 0 ? max[query] + Math.log(den[query]) : Double.NEGATIVE_INFINITY;
  }

  /**
   * Notes that a share of a part's logits lies where its approximation of exp promises nothing.
   *
   * @param tokens tokens in the part
   * @param share 0 to 1
   */
  public void beyondBound(int query, long tokens, double share) {
    beyond[query] += tokens * share;
    bounded = true;
  }

  /**
   * Whether any part approximates exp within a bound only, so that {@link #beyondBound} says
   * something.
   */
  public boolean isBounded() {
    return bounded;
  }

  /**
   * Logits of this query, about how many of them, that lie beyond the bound of their approximation.
   */
  public double beyondBound(int query) {
    return beyond[query];
  }

  /** Whether retracted tokens dominated this answer, so that only rounding is left of it. */
  public boolean isLost(int query) {
    return !(den[query] >= LOST * peak[query]);
  }

  /** Bytes that {@link #write} takes. */
  public int bytes() {
    int row = 4 + valueDim;
    int said = estimates.stream().mapToInt(List::size).sum();
    return 2 * Integer.BYTES
        + 1
        + max.length * (row * Double.BYTES + Integer.BYTES)
        + said * (3 + valueDim) * Double.BYTES;
  }

  /**
   * Writes everything, bit for bit, so that another process can add it up:
   *
   * <pre>
   *   queries i4, dv i4, bounded i1, and for each query
   *   max f8, den f8, peak f8, beyond f8, num dv x f8, estimates i4, and for each of those
   *   logDen f8, outputError f8, logDenError f8, output dv x f8
   * </pre>
   */
  public void write(WireWriter out) {
    out.putInt(max.length);
    out.putInt(valueDim);
    out.putByte(bounded ? 1 : 0);
    for (int q = 0; q < max.length; q++) {
      put(out, max[q], den[q], peak[q], beyond[q]);
      put(out, Arrays.copyOfRange(num, q * valueDim, (q + 1) * valueDim));
      out.putInt(estimates.get(q).size());
      for (Estimate estimate : estimates.get(q)) {
        put(out, estimate.logDen, estimate.outputError, estimate.logDenError);
        put(out, estimate.output);
      }
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws CorruptSketchException if the bytes are no sums
   */
  public static SoftmaxSum read(WireReader in) {
    int queries = in.getInt("queries", 0, Integer.MAX_VALUE);
    int valueDim = in.getInt("value dim", 1, Preamble.MAX_DIM);
    boolean bounded = in.getByte() != 0;
    in.require((long) queries * ((4 + valueDim) * Double.BYTES + Integer.BYTES));
    SoftmaxSum sum = new SoftmaxSum(queries, valueDim);
    sum.bounded = bounded;
    for (int q = 0; q < queries; q++) {
      sum.max[q] = number(in);
      sum.den[q] = number(in);
      sum.peak[q] = number(in);
      sum.beyond[q] = number(in);
      System.arraycopy(numbers(in, valueDim), 0, sum.num, q * valueDim, valueDim);
      int said = in.getInt("estimates", 0, Integer.MAX_VALUE);
      in.require((long) said * (3 + valueDim) * Double.BYTES);
      List<Estimate> parts = new ArrayList<>();
      for (int i = 0; i < said; i++) {
        double logDen = number(in);
        double outputError = number(in);
        double logDenError = number(in);
        parts.add(new Estimate(logDen, numbers(in, valueDim), outputError, logDenError));
      }
      sum.estimates.set(q, parts);
    }
    return sum;
  }

  private static void put(WireWriter out, double... numbers) {
    for (double number : numbers) {
      out.putLong(Double.doubleToRawLongBits(number));
    }
  }

  /** Any number: an empty maximum is infinite, and so may an error be. */
  private static double number(WireReader in) {
    return Double.longBitsToDouble(in.getLong());
  }

  private static double[] numbers(WireReader in, int count) {
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = number(in);
    }
    return numbers;
  }
}
