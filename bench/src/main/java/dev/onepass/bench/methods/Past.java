// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.methods;

import dev.onepass.bench.measure.Attention;
import dev.onepass.datasets.anchors.EarlyAnchors;
import dev.onepass.datasets.fleets.Fleet;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.numerics.Draws;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * What all methods may learn from before the first tested token: queries, keys and values of a
 * head's past sequences. Safe for use by several threads.
 */
public final class Past {

  /** Minimum number of rows of a sequence to practise on. */
  private static final int LEAST_ROWS = 32;

  /** Maximum number of sequences to practise on. */
  private static final int SEQUENCES = 32;

  /** Maximum number of queries of all exercises together. */
  private static final int QUERIES = 512;

  /**
   * Share of a sequence's rows that are tokens of an exercise, as in the measurement of a fleet.
   */
  private static final double TOKENS_SHARE = 0.8;

  private final Head rows;
  private final int[] sequences;
  private final long seed;
  private AnchorSet anchors;
  private List<Exercise> exercises;

  /**
   * Tokens of a past sequence, and later queries with the exact answers over these tokens.
   *
   * @param tokens in the order of time
   * @param queries of the same sequence, behind the tokens
   * @param exact exact answers, one row for each query
   */
  public record Exercise(Head tokens, QueryBlock queries, double[][] exact) {}

  /**
   * Creates a past.
   *
   * @param rows past rows, oldest first
   * @param sequences sequence of each row
   * @param seed of all random choices in what is learned
   */
  public Past(Head rows, int[] sequences, long seed) {
    this.rows = rows;
    this.sequences = sequences.clone();
    this.seed = seed;
  }

  /** Returns the past of one long stream, which is one sequence. */
  public static Past of(Head stream, long seed) {
    int count = EarlyAnchors.rows(stream.rows());
    return new Past(stream.only(IntStream.range(0, count).toArray()), new int[count], seed);
  }

  /** Returns the past rows, oldest first. */
  public Head rows() {
    return rows;
  }

  /** Returns the seed of random choices in what is learned. */
  public long seed() {
    return seed;
  }

  /**
   * Returns the anchor set that is made from the past queries and keys, which takes seconds the
   * first time.
   *
   * @throws IllegalArgumentException if no set can be made from these rows; the message says why
   */
  public synchronized AnchorSet anchors() {
    if (anchors == null) {
      anchors = EarlyAnchors.ofAll(rows, seed);
    }
    return anchors;
  }

  /**
   * Returns exercises to choose settings by: the longest past sequences, of which the first 80 % of
   * the rows are tokens and queries come from the others.
   */
  public synchronized List<Exercise> exercises() {
    if (exercises == null) {
      exercises = makeExercises();
    }
    return exercises;
  }

  private List<Exercise> makeExercises() {
    Random random = new Random(seed);
    List<int[]> longest =
        Fleet.rowsOf(sequences).values().stream()
            .filter(own -> own.length >= LEAST_ROWS)
            .sorted((a, b) -> Integer.compare(b.length, a.length))
            .limit(SEQUENCES)
            .toList();
    List<Exercise> made = new ArrayList<>();
    for (int[] own : longest) {
      int tokens = (int) (TOKENS_SHARE * own.length);
      int late = own.length - tokens;
      int[] asked = Draws.distinct(late, Math.min(late, QUERIES / longest.size()), random);
      Arrays.setAll(asked, i -> own[tokens + asked[i]]);
      Head fed = rows.only(Arrays.copyOf(own, tokens));
      QueryBlock queries = rows.queries(asked);
      made.add(new Exercise(fed, queries, Attention.exact(fed, tokens, queries)));
    }
    return made;
  }
}
