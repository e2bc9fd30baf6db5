// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.ranking;

import dev.onepass.bench.measure.Numbers;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How well answers rank candidates. The score of a candidate with query q is q . A(q).
 *
 * @param ndcg10 mean over moments of 1 / log2(1 + rank) of the item that the user chose, 0 beyond
 *     rank 10 (NDCG@10 with one relevant item)
 * @param exactNdcg10 the same for the scores of exact answers
 * @param kendall mean over moments of Kendall's tau between these scores and those of exact answers
 * @param moments number of moments
 */
record RankingScore(double ndcg10, double exactNdcg10, double kendall, int moments) {
  private static final int CUT = 10;

  /** Collects moments. */
  static final class Builder {
    private final List<Double> gains = new ArrayList<>();
    private final List<Double> exactGains = new ArrayList<>();
    private final List<Double> taus = new ArrayList<>();

    /**
     * Adds the moments of a sequence.
     *
     * @param candidates number of candidates of each moment
     * @param queries of all candidates of all moments
     * @param outputs answers to these queries
     * @param exact exact answers to these queries
     */
    void add(int[] candidates, QueryBlock queries, float[][] outputs, double[][] exact) {
      int from = 0;
      for (int count : candidates) {
        double[] scores = new double[count];
        double[] truth = new double[count];
        for (int i = 0; i < count; i++) {
          int q = from + i;
          for (int c = 0; c < exact[q].length; c++) {
            double x = queries.vectors()[q * queries.dim() + c];
            scores[i] += x * outputs[q][c];
            truth[i] += x * exact[q][c];
          }
        }
        gains.add(gain(rankOfTheFirst(scores)));
        exactGains.add(gain(rankOfTheFirst(truth)));
        taus.add(Numbers.kendall(scores, truth));
        from += count;
      }
    }

    RankingScore build() {
      return new RankingScore(mean(gains), mean(exactGains), mean(taus), gains.size());
    }

    private static double mean(List<Double> numbers) {
      return numbers.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }
  }

  private static double gain(double rank) {
    return rank > CUT ? 0 : Math.log(2) / Math.log(1 + rank);
  }

  /** Returns the rank of the first score, from 1; equal scores share the mean of their ranks. */
  static double rankOfTheFirst(double[] scores) {
    long above = Arrays.stream(scores).filter(score -> score > scores[0]).count();
    long equal = Arrays.stream(scores).filter(score -> score == scores[0]).count();
    return above + (equal + 1) / 2.0;
  }
}
