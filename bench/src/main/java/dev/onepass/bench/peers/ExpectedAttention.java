// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.bench.methods.Past;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Attention over the tokens that past queries would attend to most, after Expected Attention
 * (Devoto, Jeblick and Jegou, arXiv 2510.00636): a token's score is |v| E exp(q.k) for a query that
 * is normal with the mean and covariance of past queries.
 *
 * <p>Differences: the paper keeps the tokens with the largest scores and drops the others. Here
 * tokens are drawn with probabilities that follow the scores, in one pass, and weigh what makes
 * both sums of attention unbiased: priority sampling (Duffield, Lund and Thorup, Journal of the ACM
 * 54, 2007). Scores may be tempered, which the paper does not do; flat scores give a uniform
 * sample.
 */
final class ExpectedAttention implements Method {

  /** Seed and threshold. */
  private static final int FIXED_BYTES = 2 * Long.BYTES;

  /** Size of a value of zeros. */
  private static final double LEAST_SIZE = 1e-9;

  private final double temper;
  private final boolean usesValues;
  private final Optional<PastQueries> asked;

  /**
   * Creates a method that has not learned the distribution of queries.
   *
   * @param temper power of E exp(q.k) in a score, 0 to 1
   * @param usesValues whether |v| is a factor of a score
   */
  ExpectedAttention(double temper, boolean usesValues) {
    this(temper, usesValues, Optional.empty());
  }

  private ExpectedAttention(double temper, boolean usesValues, Optional<PastQueries> asked) {
    this.temper = temper;
    this.usesValues = usesValues;
    this.asked = asked;
  }

  /** Returns the method in several settings, that of the paper first. */
  static Method tuned() {
    return new Tuned(
        "expected-attention",
        List.of(
            new ExpectedAttention(1, true),
            new ExpectedAttention(0.5, true),
            new ExpectedAttention(0.25, true),
            new ExpectedAttention(0.25, false),
            new ExpectedAttention(0, true),
            new ExpectedAttention(0, false)));
  }

  @Override
  public String name() {
    return "expected-attention";
  }

  @Override
  public Method learn(Past past) {
    return new ExpectedAttention(temper, usesValues, Optional.of(PastQueries.of(past)));
  }

  @Override
  public long sharedBytes() {
    return asked.map(PastQueries::bytes).orElse(0L);
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    Points points = Points.weightedWithin(bytes - FIXED_BYTES, head, 1);
    return new Sample(points, Peers.learned(asked, name()), new Random(seed));
  }

  /** Returns ln of the score of a token. */
  private double score(PastQueries queries, float[] key, float[] value) {
    double score = temper == 0 ? 0 : temper * queries.logMeanExp(key);
    if (usesValues) {
      double squares = 0;
      for (float x : value) {
        squares += (double) x * x;
      }
      score += Math.log(Math.sqrt(squares) + LEAST_SIZE);
    }
    return score;
  }

  /** Tokens that are drawn by their scores. */
  final class Sample implements State {
    /** The tokens of the largest priorities, which are their logarithmic weights. */
    private final Points points;

    private final PastQueries queries;
    private final Random random;

    /** Scores and priorities of the points; the scores follow from the points. */
    private final double[] scores;

    private final double[] priorities;

    /** Largest priority of a token that is not kept. */
    private double threshold = Double.NEGATIVE_INFINITY;

    Sample(Points points, PastQueries queries, Random random) {
      this.points = points;
      this.queries = queries;
      this.random = random;
      this.scores = new double[points.slots()];
      this.priorities = new double[points.slots()];
    }

    @Override
    public void accept(float[] key, float[] value) {
      double score = score(queries, Points.rounded(key), Points.rounded(value));
      // A priority of score / u, with u uniform on (0, 1], in log space.
      double priority = (float) (score - Math.log(1 - random.nextDouble()));
      int slot = points.filled();
      if (slot == points.slots()) {
        if (priority <= threshold) {
          return;
        }
        slot = least();
        threshold = Math.max(threshold, Math.min(priorities[slot], priority));
        if (priority <= priorities[slot]) {
          return;
        }
      }
      points.put(slot, key, value, priority);
      scores[slot] = score;
      priorities[slot] = priority;
    }

    private int least() {
      int least = 0;
      for (int slot = 1; slot < priorities.length; slot++) {
        if (priorities[slot] < priorities[least]) {
          least = slot;
        }
      }
      return least;
    }

    @Override
    public Answered answer(QueryBlock asking) {
      return Unstated.of(sums(asking));
    }

    /**
     * Returns sums of which num and den are unbiased: a token weighs max(1, threshold / score), one
     * over its chance to be kept.
     */
    SoftmaxSum sums(QueryBlock asking) {
      return points.sums(asking, slot -> Math.max(0, threshold - scores[slot]));
    }

    @Override
    public long stateBytes() {
      return FIXED_BYTES + points.bytes();
    }

    @Override
    public boolean isExact() {
      return threshold == Double.NEGATIVE_INFINITY;
    }
  }
}
