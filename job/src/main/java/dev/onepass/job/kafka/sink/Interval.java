// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * A set of queries: a range of offsets for each partition. Its size depends on the number of
 * partitions, not of queries. Not thread-safe.
 */
final class Interval {

  /**
   * The offsets of one partition.
   *
   * @param from first offset
   * @param to end offset, exclusive
   */
  record Offsets(long from, long to) {

    private Offsets with(Offsets other) {
      return new Offsets(Math.min(from, other.from), Math.max(to, other.to));
    }

    boolean contains(long offset) {
      return from <= offset && offset < to;
    }
  }

  private final SortedMap<Integer, Offsets> partitions = new TreeMap<>();

  /** Adds a query. */
  void add(int partition, long offset) {
    add(partition, new Offsets(offset, offset + 1));
  }

  /** Adds all queries at these offsets. */
  void add(int partition, Offsets offsets) {
    partitions.merge(partition, offsets, Offsets::with);
  }

  /** Returns whether the interval contains this offset. */
  boolean contains(int partition, long offset) {
    Offsets offsets = partitions.get(partition);
    return offsets != null && offsets.contains(offset);
  }

  /** Returns the offsets by partition. */
  Map<Integer, Offsets> partitions() {
    return partitions;
  }

  /** Returns the interval as command-line arguments. */
  String arguments() {
    return "--from %s --to %s".formatted(list(Offsets::from), list(Offsets::to));
  }

  private String list(ToLongFunction<Offsets> end) {
    return partitions.entrySet().stream()
        .map(entry -> entry.getKey() + ":" + end.applyAsLong(entry.getValue()))
        .collect(Collectors.joining(","));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Interval that && partitions.equals(that.partitions);
  }

  @Override
  public int hashCode() {
    return partitions.hashCode();
  }

  @Override
  public String toString() {
    return arguments();
  }
}
