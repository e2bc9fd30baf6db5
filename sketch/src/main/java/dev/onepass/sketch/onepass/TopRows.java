// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Keeps the rows of largest |value| out of many that are offered; takes memory only for the rows
 * that it keeps.
 */
final class TopRows {

  /** A row and its estimate. */
  record Entry(long row, double value) {}

  /** Orders by |value|; of equal ones the later row comes first. */
  private static final Comparator<Entry> LEAST_FIRST =
      Comparator.<Entry>comparingDouble(entry -> Math.abs(entry.value()))
          .thenComparing(Comparator.comparingLong(Entry::row).reversed());

  private final int capacity;
  private final PriorityQueue<Entry> heap;

  TopRows(int capacity) {
    this.capacity = capacity;
    heap = new PriorityQueue<>(LEAST_FIRST);
  }

  /** Returns the |value| that a row must exceed to be kept. */
  double threshold() {
    return heap.size() < capacity ? 0 : Math.abs(heap.peek().value());
  }

  /** Keeps the row if it is among the largest so far. Rows are offered in ascending order. */
  void offer(long row, double value) {
    if (!(Math.abs(value) > threshold())) {
      return;
    }
    if (heap.size() == capacity) {
      heap.poll();
    }
    heap.add(new Entry(row, value));
  }

  /** Returns the rows that were kept, the largest first. */
  Entry[] entries() {
    Entry[] entries = heap.toArray(Entry[]::new);
    Arrays.sort(entries, LEAST_FIRST.reversed());
    return entries;
  }
}
