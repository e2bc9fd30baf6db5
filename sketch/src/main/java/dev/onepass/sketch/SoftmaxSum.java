package dev.onepass.sketch;

import java.util.Arrays;

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

  private final int valueDim;
  private final double[] max;
  private final double[] den;
  private final double[] peak;
  private final double[] num;
  private final double[] beyond;
  private boolean bounded;

  /** No mass yet, for {@code queries} queries and outputs of length {@code valueDim}. */
  public SoftmaxSum(int queries, int valueDim) {
    this.valueDim = valueDim;
    max = new double[queries];
    Arrays.fill(max, Double.NEGATIVE_INFINITY);
    den = new double[queries];
    peak = new double[queries];
    num = new double[queries * valueDim];
    beyond = new double[queries];
  }

  /** Number of queries. */
  public int queries() {
    return max.length;
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
}
