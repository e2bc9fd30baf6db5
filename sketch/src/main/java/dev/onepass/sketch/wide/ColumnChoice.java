// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.wide;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.Random;

/**
 * Chooses the coordinates of a {@link ColumnSample} from the first tokens of a sequence: sampled by
 * leverage score, or those of largest score, whichever keeps more of the variance of logits.
 */
final class ColumnChoice {

  /** Maximum number of tokens to learn from, and of tokens to measure on. */
  static final int MAX_LEARNED = 256;

  /** Maximum number of queries to measure with. */
  static final int MAX_ASKED = 64;

  private ColumnChoice() {}

  /**
   * Learns a sample; see {@link ColumnSample#learn}. If {@code asked} is empty or has no queries,
   * queries are unknown.
   */
  static ColumnSample learn(
      TokenBlock first, Optional<QueryBlock> asked, int columns, long seed, double leastVariance) {
    int d = first.keyDim();
    if (columns < 1 || columns >= d) {
      throw new IllegalArgumentException(
          "Keeping %d of %d key coordinates projects nothing; keep 1 to %3$d, or do without a projection."
              .formatted(columns, d, d - 1));
    }
    if (asked.isPresent() && asked.get().dim() != d) {
      throw new IllegalArgumentException(
          "Expected queries of length %d, got length %d.".formatted(d, asked.get().dim()));
    }
    TokenBlock tokens = first.only(true);
    int half = Math.min(MAX_LEARNED, tokens.count() / 2);
    if (half < 2) {
      throw new IllegalArgumentException(
          "Choosing key coordinates needs at least 4 tokens, got %d.".formatted(tokens.count()));
    }
    TokenBlock judges = tokens.slice(half, 2 * half);
    Optional<QueryBlock> typical = asked.filter(queries -> queries.count() > 0);
    double[] scores = LeverageScores.of(tokens.slice(0, half), columns);
    float[] mean = tokens.slice(0, 2 * half).meanKey();
    ColumnSample sampled = of(sampled(scores, columns, new Random(seed)), mean, judges, typical);
    ColumnSample largest = of(largest(scores, columns), mean, judges, typical);
    ColumnSample better = sampled.keptVariance() > largest.keptVariance() ? sampled : largest;
    if (!(better.keptVariance() >= leastVariance)) {
      throw new IllegalArgumentException(
          "%d of %d key coordinates keep %.1f %% of the logits' variance, but at least %.1f %% is required; keep more, or do without a projection."
              .formatted(columns, d, 100 * better.keptVariance(), 100 * leastVariance));
    }
    return better;
  }

  /**
   * Returns the sample with these weights, 0 for dropped coordinates, and measures what it keeps.
   */
  private static ColumnSample of(
      double[] weights, float[] mean, TokenBlock judges, Optional<QueryBlock> asked) {
    int[] coordinates = new int[weights.length];
    float[] factors = new float[weights.length];
    int m = 0;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        coordinates[m] = i;
        factors[m++] = (float) Math.sqrt(weights[i]);
      }
    }
    return new ColumnSample(
        weights.length,
        Arrays.copyOf(coordinates, m),
        Arrays.copyOf(factors, m),
        asked.isEmpty()
            ? keptVariance(weights, LeverageScores.spread(judges))
            : keptVariance(weights, judges, asked.get()),
        keptEnergy(weights, judges),
        mean);
  }

  /**
   * Returns the share of the variance of logits that is kept, for isotropic queries: Var_j(q.k_j -
   * sum_i w_i q_i k_ji) is sum_i (1 - w_i)^2 Var_j(k_ji) |q|^2 / d.
   */
  private static double keptVariance(double[] weights, double[] spread) {
    double lost = 0;
    double all = 0;
    for (int i = 0; i < weights.length; i++) {
      lost += (1 - weights[i]) * (1 - weights[i]) * spread[i];
      all += spread[i];
    }
    return share(lost, all);
  }

  private static double share(double lost, double all) {
    return all > 0 ? Math.max(0, 1 - lost / all) : 0;
  }

  /**
   * Returns the share of the variance of logits that is kept for given queries: 1 less the variance
   * of the lost part of a logit over tokens, relative to the variance of the logit.
   */
  private static double keptVariance(double[] weights, TokenBlock judges, QueryBlock asked) {
    int d = weights.length;
    double lost = 0;
    double all = 0;
    double[] whole = new double[judges.count()];
    double[] missing = new double[judges.count()];
    for (int q = 0; q < Math.min(MAX_ASKED, asked.count()); q++) {
      Arrays.fill(whole, 0);
      Arrays.fill(missing, 0);
      for (int j = 0; j < judges.count(); j++) {
        for (int i = 0; i < d; i++) {
          double product = (double) asked.vectors()[q * d + i] * judges.keys()[j * d + i];
          whole[j] += product;
          missing[j] += (1 - weights[i]) * product;
        }
      }
      lost += spread(missing);
      all += spread(whole);
    }
    return share(lost, all);
  }

  private static double spread(double[] x) {
    double mean = Arrays.stream(x).sum() / x.length;
    double spread = 0;
    for (double y : x) {
      spread += (y - mean) * (y - mean);
    }
    return spread;
  }

  private static double keptEnergy(double[] weights, TokenBlock judges) {
    double kept = 0;
    double all = 0;
    for (int e = 0; e < judges.count() * weights.length; e++) {
      double square = (double) judges.keys()[e] * judges.keys()[e];
      all += square;
      kept += weights[e % weights.length] > 0 ? square : 0;
    }
    return all > 0 ? kept / all : 0;
  }

  /** Returns the coordinates by score, largest first; equal scores keep their order. */
  private static Integer[] byScore(double[] scores) {
    Integer[] order = new Integer[scores.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> -scores[i]));
    return order;
  }

  /** Returns weight 1 for the coordinates of largest score, 0 for the others. */
  private static double[] largest(double[] scores, int columns) {
    double[] weights = new double[scores.length];
    Integer[] order = byScore(scores);
    for (int rank = 0; rank < columns; rank++) {
      weights[order[rank]] = 1;
    }
    return weights;
  }

  /**
   * Returns the weights of a systematic sample (Madow, Annals of Mathematical Statistics 20, 1949),
   * 0 for dropped coordinates.
   *
   * @param scores leverage scores, d numbers
   * @param columns number of coordinates to keep
   * @param random source of the sample
   */
  static double[] sampled(double[] scores, int columns, Random random) {
    double[] weights = largest(scores, columns);
    Integer[] order = byScore(scores);
    // Sums from the end, so that a tail of zero scores sums to exactly 0.
    double[] rest = new double[order.length + 1];
    for (int rank = order.length - 1; rank >= 0; rank--) {
      rest[rank] = rest[rank + 1] + scores[order[rank]];
    }
    // A coordinate is certain if its probability, given the remaining columns, is 1 or more.
    int certain = 0;
    while (certain < columns && scores[order[certain]] * (columns - certain) >= rest[certain]) {
      certain++;
    }
    if (certain == columns) {
      return weights;
    }
    for (int rank = certain; rank < columns; rank++) {
      weights[order[rank]] = 0;
    }
    for (int last = order.length - 1; last > certain; last--) {
      int other = certain + random.nextInt(last - certain + 1);
      Integer swapped = order[last];
      order[last] = order[other];
      order[other] = swapped;
    }
    // Systematic sampling: takes each coordinate whose interval of length pi contains u, u + 1, ...
    double start = random.nextDouble();
    double end = start;
    for (int rank = certain; rank < order.length; rank++) {
      double probability = scores[order[rank]] * (columns - certain) / rest[certain];
      double next = rank == order.length - 1 ? start + (columns - certain) : end + probability;
      if (Math.floor(next) > Math.floor(end)) {
        weights[order[rank]] =
            Math.min(
                ColumnSample.MAX_FACTOR * ColumnSample.MAX_FACTOR, Math.max(1, 1 / probability));
      }
      end = next;
    }
    return weights;
  }
}
