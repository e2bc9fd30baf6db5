package dev.onepass.sketch.onepass;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;

/** The few rows of largest |value| out of many that are offered; memory for those few only. */
final class TopRows {

  /** A row and its estimate. */
  record Entry(long row, double value) {}

  /** The least of them first; of equal ones the later row. */
  private static final Comparator<Entry> LEAST_FIRST =
      Comparator.<Entry>comparingDouble(entry -> Math.abs(entry.value()))
          .thenComparing(Comparator.comparingLong(Entry::row).reversed());

  private final int capacity;
  private final PriorityQueue<Entry> heap;

  TopRows(int capacity) {
    this.capacity = capacity;
    heap = new PriorityQueue<>(LEAST_FIRST);
  }

  /** What |value| must exceed to be kept. */
  double threshold() {
    return heap.size() < capacity ? 0 : Math.abs(heap.peek().value());
  }

  /** Keeps the row if it is among the largest so far; rows are offered in ascending order. */
  void offer(long row, double value) {
    if (!(Math.abs(value) > threshold())) {
      return;
    }
    if (heap.size() == capacity) {
      heap.poll();
    }
    heap.add(new Entry(row, value));
  }

  /** What was kept, the largest first. */
  Entry[] entries() {
    Entry[] entries = heap.toArray(Entry[]::new);
    Arrays.sort(entries, LEAST_FIRST.reversed());
    return entries;
  }
}
