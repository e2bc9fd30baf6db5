package dev.onepass.job.kafka.sink;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Queries by their offsets: of each partition those from one offset up to another. Grows with the
 * number of partitions, not with that of queries. Not thread-safe.
 */
final class Interval {

  /**
   * Offsets of one partition.
   *
   * @param from the first
   * @param to the one behind the last
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

  /** Adds all queries of some offsets. */
  void add(int partition, Offsets offsets) {
    partitions.merge(partition, offsets, Offsets::with);
  }

  /** Returns whether there is a query at that offset. */
  boolean contains(int partition, long offset) {
    Offsets offsets = partitions.get(partition);
    return offsets != null && offsets.contains(offset);
  }

  /** Returns the offsets of each partition that has any. */
  Map<Integer, Offsets> partitions() {
    return partitions;
  }

  /** Returns the arguments that name the interval on a command line. */
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
