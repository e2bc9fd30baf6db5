// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.fleets;

import dev.onepass.datasets.anchors.EarlyAnchors;
import dev.onepass.datasets.heads.Head;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The rows of many sequences of one head, in the order of time. A row is a token, and a query that
 * its sequence could be asked at that time.
 *
 * @param head queries, keys and values of all rows
 * @param sequences sequence of each row
 * @param items item of each row, of which the key is a function; empty if rows have no items
 */
public record Fleet(Head head, int[] sequences, Optional<int[]> items) {

  /** Checks the shapes; the arrays are kept, not copied. */
  public Fleet {
    if (sequences.length != head.rows()) {
      throw new IllegalArgumentException(
          "head %s has %d rows, but sequences for %d"
              .formatted(head.name(), head.rows(), sequences.length));
    }
    if (items.isPresent() && items.get().length != head.rows()) {
      throw new IllegalArgumentException(
          "head %s has %d rows, but items for %d"
              .formatted(head.name(), head.rows(), items.get().length));
    }
  }

  /**
   * Returns the rows of each sequence, oldest first; sequences by first appearance.
   *
   * @param sequences sequence of each row
   */
  public static Map<Integer, int[]> rowsOf(int[] sequences) {
    Map<Integer, IntStream.Builder> rows = new LinkedHashMap<>();
    for (int row = 0; row < sequences.length; row++) {
      rows.computeIfAbsent(sequences[row], ignored -> IntStream.builder()).add(row);
    }
    Map<Integer, int[]> arrays = new LinkedHashMap<>();
    rows.forEach((sequence, own) -> arrays.put(sequence, own.build().toArray()));
    return arrays;
  }

  /**
   * Returns one long stream as two sequences: the rows that its anchor set is made from ({@link
   * EarlyAnchors}), and the rows behind them.
   */
  public static Fleet ofTwo(Head head) {
    int[] sequences = new int[head.rows()];
    Arrays.fill(sequences, EarlyAnchors.rows(head.rows()), sequences.length, 1);
    return new Fleet(head, sequences, Optional.empty());
  }

  /** Returns one stream cut into sequences of {@code window} rows; the last one may be shorter. */
  public static Fleet ofWindows(Head head, int window) {
    int[] sequences = new int[head.rows()];
    Arrays.setAll(sequences, row -> row / window);
    return new Fleet(head, sequences, Optional.empty());
  }
}
