// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.ranking;

import dev.onepass.bench.trials.FleetSplit;
import dev.onepass.bench.trials.FleetTests;
import dev.onepass.datasets.fleets.Fleet;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The items to rank at some moments of a user's history: the item that the user chose then, and
 * others that are drawn by popularity.
 *
 * <p>A candidate is asked with the query of its item: the item's key, times the ratio of the sizes
 * of all queries and all keys of the fleet. Streams of a recommender have such queries.
 */
final class Candidates implements FleetTests.Asking {

  /** Draws after which a moment gets fewer candidates, because hardly any other item is known. */
  private static final int MOST_DRAWS = 10_000;

  private final Head head;
  private final int[] items;
  private final int candidates;
  private final int moments;
  private final long seed;
  private final double queryPerKey;

  /**
   * Creates candidates.
   *
   * @param fleet has items
   * @param candidates maximum number of candidates at a moment, the chosen item included
   * @param moments maximum number of moments of a sequence
   */
  Candidates(Fleet fleet, int candidates, int moments, long seed) {
    this.head = fleet.head();
    this.items = fleet.items().orElseThrow();
    this.candidates = candidates;
    this.moments = moments;
    this.seed = seed;
    this.queryPerKey = size(head.queries()) / size(head.keys());
  }

  private double size(float[] vectors) {
    return Math.sqrt(
        IntStream.range(0, head.rows() * head.keyDim())
            .mapToDouble(i -> (double) vectors[i] * vectors[i])
            .sum());
  }

  /**
   * Returns, for each moment of a sequence, one row of each candidate; the chosen item is the first
   * one. Equal seeds give equal rows.
   */
  int[][] rows(FleetSplit.Asked asked) {
    SplittableRandom random = new SplittableRandom(new Random(seed).nextLong() + asked.sequence());
    int[] late = asked.queries();
    int count = Math.min(moments, late.length);
    return IntStream.range(0, count)
        .map(moment -> late[(int) ((long) moment * late.length / count)])
        .mapToObj(chosen -> candidates(chosen, random))
        .toArray(int[][]::new);
  }

  /** Draws rows before the chosen one, so by popularity up to then, until items suffice. */
  private int[] candidates(int chosen, SplittableRandom random) {
    Map<Integer, Integer> rowOfItem = new LinkedHashMap<>();
    rowOfItem.put(items[chosen], chosen);
    for (int draw = 0; draw < MOST_DRAWS && rowOfItem.size() < candidates; draw++) {
      int row = random.nextInt(chosen);
      rowOfItem.putIfAbsent(items[row], row);
    }
    return rowOfItem.values().stream().mapToInt(Integer::intValue).toArray();
  }

  /** Returns the queries of all candidates of all moments, in the order of {@link #rows}. */
  @Override
  public QueryBlock queries(FleetSplit.Asked asked) {
    int[] rows = Arrays.stream(rows(asked)).flatMapToInt(Arrays::stream).toArray();
    float[] vectors = head.only(rows).keys();
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] *= (float) queryPerKey;
    }
    return new QueryBlock(vectors, rows.length, head.keyDim(), head.scale());
  }
}
