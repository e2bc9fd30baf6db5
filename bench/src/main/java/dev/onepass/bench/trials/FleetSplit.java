// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.trials;

import dev.onepass.bench.methods.Past;
import dev.onepass.datasets.fleets.Fleet;
import dev.onepass.sketch.numerics.Draws;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The rows of a fleet that a set may learn from, and what the other sequences are fed and asked.
 *
 * @param past rows of past sequences that a set learns from, oldest first
 * @param asked the sequences that are tested, by first appearance
 */
public record FleetSplit(int[] past, List<Asked> asked) {

  /** Share of a fleet's sequences that are past if no option says otherwise. */
  public static final double PAST_SHARE = 0.6;

  /** Maximum number of queries to a sequence. */
  static final int QUERIES = 256;

  /**
   * The rows of a tested sequence.
   *
   * @param sequence number of the sequence
   * @param tokens rows that it is fed, oldest first
   * @param queries later rows whose queries it answers, oldest first
   */
  public record Asked(int sequence, int[] tokens, int[] queries) {}

  /**
   * How a fleet is split.
   *
   * @param pastShare share of the sequences that are past; at least one is, and at least one is not
   * @param tokensShare share of the rows of a tested sequence that are tokens
   * @param minRows minimum number of rows of a tested sequence, at least 2
   * @param shuffle whether past sequences are drawn, with all their rows; otherwise they are those
   *     that appear first, with the rows that precede all other sequences
   */
  record Rule(double pastShare, double tokensShare, int minRows, boolean shuffle) {}

  /** Splits a fleet; the seed draws the queries, and past sequences if the rule wants it. */
  static FleetSplit of(Fleet fleet, Rule rule, long seed) {
    Random random = new Random(seed);
    Map<Integer, int[]> rows = Fleet.rowsOf(fleet.sequences());
    Integer[] order = rows.keySet().toArray(Integer[]::new);
    boolean[] isPast = new boolean[order.length];
    int count = pastSequences(order.length, rule.pastShare());
    int[] places =
        rule.shuffle()
            ? Draws.distinct(order.length, count, random)
            : IntStream.range(0, count).toArray();
    for (int place : places) {
      isPast[place] = true;
    }
    List<int[]> past = new ArrayList<>();
    List<Asked> asked = new ArrayList<>();
    int firstOther = fleet.sequences().length;
    for (int i = 0; i < order.length; i++) {
      int[] own = rows.get(order[i]);
      if (isPast[i]) {
        past.add(own);
        continue;
      }
      firstOther = Math.min(firstOther, own[0]);
      if (own.length >= rule.minRows()) {
        asked.add(ask(order[i], own, rule.tokensShare(), random));
      }
    }
    int end = rule.shuffle() ? fleet.sequences().length : firstOther;
    return new FleetSplit(
        past.stream().flatMapToInt(Arrays::stream).filter(row -> row < end).sorted().toArray(),
        asked);
  }

  /**
   * Returns how many of some sequences are past: at least one, and not all if there are several.
   */
  public static int pastSequences(int sequences, double pastShare) {
    return Math.max(1, Math.min(sequences - 1, (int) (pastShare * sequences)));
  }

  /** Returns the past rows of the fleet, with the sequence of each. */
  Past learnedFrom(Fleet fleet, long seed) {
    int[] sequences = Arrays.stream(past).map(row -> fleet.sequences()[row]).toArray();
    return new Past(fleet.head().only(past), sequences, seed);
  }

  private static Asked ask(int sequence, int[] rows, double tokensShare, Random random) {
    int tokens = Math.max(1, Math.min(rows.length - 1, (int) (tokensShare * rows.length)));
    int late = rows.length - tokens;
    int[] queries = Draws.distinct(late, Math.min(late, QUERIES), random);
    Arrays.sort(queries);
    Arrays.setAll(queries, i -> rows[tokens + queries[i]]);
    return new Asked(sequence, Arrays.copyOf(rows, tokens), queries);
  }
}
