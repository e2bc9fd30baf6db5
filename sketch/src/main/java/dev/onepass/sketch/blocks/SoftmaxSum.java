// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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
 * exp(l_j - max)} and {@code num = sum_j w_j exp(l_j - max) v_j}. All log-sum-exp takes place here:
 * every part of a sequence adds its sums, whatever its own maximum is.
 *
 * <p>{@code peak} is den without its negative terms: the mass before tokens were taken back. If den
 * is far below peak, only rounding is left of the answer.
 */
public final class SoftmaxSum {

  /** If den is below this share of peak, retracted tokens dominate. */
  private static final double LOST = 0x1p-12;

  /** Correlation of the output errors of any two parts. */
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
   * A part that states its error.
   *
   * @param logDen ln of its den
   * @param output its num / den, valueDim numbers
   * @param outputError bound on the error of the output that holds for 90 % of answers
   * @param logDenError bound on the error of logDen that holds for 90 % of answers
   */
  private record Estimate(double logDen, double[] output, double outputError, double logDenError) {

    Estimate times(double logFactor) {
      return new Estimate(logDen + logFactor, output, outputError, logDenError);
    }
  }

  /**
   * Creates sums without mass.
   *
   * @param queries number of queries
   * @param valueDim length of outputs
   */
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

  /** Returns the number of queries. */
  public int queries() {
    return max.length;
  }

  /** Returns the length of outputs. */
  public int valueDim() {
    return valueDim;
  }

  /**
   * Adds a part's sums for one query.
   *
   * @param query row, from 0
   * @param partMax logit that the part's sums are relative to
   * @param partDen sum of weights relative to partMax
   * @param partPeak the same sum without its negative terms
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
   * Adds a part that states its error.
   *
   * @param query row, from 0
   * @param logDen ln of the part's den
   * @param output the part's num / den, valueDim numbers
   * @param outputError bound on |output - true output| that holds for 90 % of answers
   * @param logDenError bound on |logDen - true ln den| that holds for 90 % of answers
   */
  public void addEstimate(
      int query, double logDen, double[] output, double outputError, double logDenError) {
    add(query, logDen, 1, 1, output);
    stateError(query, logDen, output, outputError, logDenError);
  }

  /**
   * States the error of a part that was added before.
   *
   * @param query row, from 0
   * @param logDen ln of the part's den
   * @param output the part's num / den, valueDim numbers
   * @param outputError bound on |output - true output| that holds for 90 % of answers
   * @param logDenError bound on |logDen - true ln den| that holds for 90 % of answers
   */
  public void stateError(
      int query, double logDen, double[] output, double outputError, double logDenError) {
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

  /**
   * Returns whether any part of an answer states its error.
   *
   * @param query row, from 0
   */
  public boolean isEstimated(int query) {
    return !estimates.get(query).isEmpty();
  }

  /**
   * Returns a bound on |answer - true answer| that holds for 90 % of answers, if all parts that are
   * not exact state their errors. The error of a part's output counts with the part's share w of
   * the mass. Parts that use the same anchors have similar errors; these add up like errors with a
   * correlation of one half (measured on shards of real heads). The error of a part's mass moves
   * the answer by w (output - answer). The sum of these moves is 0 if all parts have the same
   * error.
   *
   * @param query row, from 0
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
   * Returns a bound on |{@link #logNormalizer} - true one| that holds for 90 % of answers, if all
   * parts that are not exact state their errors; 0 if all parts are exact. A change of a part's
   * logDen moves the sum's by the part's share of the mass. The errors of parts are correlated as
   * in {@link #error}.
   *
   * @param query row, from 0
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

  /** Returns a part's share of the mass, 0 to 1. */
  private double share(Estimate estimate, int query) {
    return Math.min(1, Math.exp(estimate.logDen - logNormalizer(query)));
  }

  /** Returns the size of a sum of correlated errors. */
  private static double correlated(double sum, double squares) {
    return Math.sqrt(CORRELATION * sum * sum + (1 - CORRELATION) * squares);
  }

  /**
   * Adds a number to all logits of a query. Outputs stay the same.
   *
   * @param query row, from 0
   * @param by what is added, finite
   */
  public void shift(int query, double by) {
    max[query] += by;
    estimates.set(
        query, estimates.get(query).stream().map(estimate -> estimate.times(by)).toList());
  }

  private static double rescale(double from, double to) {
    return from == to ? 1 : Math.exp(from - to);
  }

  /**
   * Adds every row of another sum over the same queries.
   *
   * @param other sums over the same queries
   */
  public void add(SoftmaxSum other) {
    add(other, 0);
  }

  /**
   * Adds every row of another sum over the same queries, times a factor.
   *
   * @param other sums over the same queries
   * @param logFactor ln of the factor
   */
  public void add(SoftmaxSum other, double logFactor) {
    double[] row = new double[valueDim];
    for (int i = 0; i < max.length; i++) {
      System.arraycopy(other.num, i * valueDim, row, 0, valueDim);
      add(i, other.max[i] + logFactor, other.den[i], other.peak[i], row);
      beyond[i] += other.beyond[i];
      List<Estimate> both = new ArrayList<>(estimates.get(i));
      other.estimates.get(i).forEach(estimate -> both.add(estimate.times(logFactor)));
      estimates.set(i, both);
    }
    bounded |= other.bounded;
  }

  /**
   * Returns a coordinate of an answer, num / den; NaN if there is no mass.
   *
   * @param query row, from 0
   * @param c coordinate, from 0
   */
  public double output(int query, int c) {
    return num[query * valueDim + c] / den[query];
  }

  /**
   * Returns ln den including the maximum; negative infinity if there is no mass.
   *
   * @param query row, from 0
   */
  public double logNormalizer(int query) {
    return den[query] > 0 ? max[query] + Math.log(den[query]) : Double.NEGATIVE_INFINITY;
  }

  /**
   * Records that some of a part's logits lie where its approximation of exp promises nothing.
   *
   * @param query row, from 0
   * @param tokens tokens in the part
   * @param share share of these tokens, 0 to 1
   */
  public void beyondBound(int query, long tokens, double share) {
    beyond[query] += tokens * share;
    bounded = true;
  }

  /**
   * Returns whether any part approximates exp only within a bound, so that {@link
   * #beyondBound(int)} has a meaning.
   */
  public boolean isBounded() {
    return bounded;
  }

  /**
   * Returns the approximate number of this query's logits beyond the bound of their approximation.
   *
   * @param query row, from 0
   */
  public double beyondBound(int query) {
    return beyond[query];
  }

  /**
   * Returns whether retracted tokens dominate an answer, so that only rounding is left of it.
   *
   * @param query row, from 0
   */
  public boolean isLost(int query) {
    return !(den[query] >= LOST * peak[query]);
  }

  /** Returns the number of bytes that {@link #write} writes. */
  public int bytes() {
    int row = 4 + valueDim;
    int said = estimates.stream().mapToInt(List::size).sum();
    return 2 * Integer.BYTES
        + 1
        + max.length * (row * Double.BYTES + Integer.BYTES)
        + said * (3 + valueDim) * Double.BYTES;
  }

  /**
   * Writes everything bit for bit, so that another process can add it up:
   *
   * <pre>
   *   queries i4, dv i4, bounded i1, and for each query
   *   max f8, den f8, peak f8, beyond f8, num dv x f8, estimates i4, and for each of those
   *   logDen f8, outputError f8, logDenError f8, output dv x f8
   * </pre>
   *
   * @param out receives the bytes
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
   * @param in the bytes
   * @throws CorruptSketchException if the bytes are not softmax sums
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

  /** Reads any number: an empty maximum is infinite, and an error may be. */
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
