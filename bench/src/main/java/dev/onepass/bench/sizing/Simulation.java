// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.sizing;

import dev.onepass.operators.sharding.Shards;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * A simulation of the traffic of a workload. It draws each token of the subtask with the median
 * share and passes it through a cache and checkpoints. The same seed gives the same numbers.
 */
public final class Simulation {
  /** Intervals before the measurement. */
  private static final int WARM_UP = 3;

  private final Workload load;
  private final SplittableRandom random;

  /** Offset for the hash from the number of a sequence to its key group. */
  private final long naming;

  private final double[] groupWeights = new double[Shards.KEY_GROUPS];
  private double allWeight;

  /** Creates a simulation of a workload. */
  public Simulation(Workload load, long seed) {
    this.load = load;
    random = new SplittableRandom(seed);
    naming = random.nextLong();
    for (long i = 1; i <= load.activity().sequences(); i++) {
      double weight = load.activity().weight(i);
      groupWeights[keyGroup(i)] += weight;
      allWeight += weight;
    }
  }

  private int keyGroup(long i) {
    return (int) Long.remainderUnsigned(mix(naming + i), Shards.KEY_GROUPS);
  }

  /** Spreads numbers over all 64 bits, as a hash of names does. */
  private static long mix(long number) {
    long z = number * 0x9E3779B97F4A7C15L;
    z = (z ^ z >>> 32) * 0xD6E8FEB86659FD93L;
    z = (z ^ z >>> 32) * 0xD6E8FEB86659FD93L;
    return z ^ z >>> 32;
  }

  private int task(int keyGroup) {
    return KeyGroupRangeAssignment.computeOperatorIndexForKeyGroup(
        Shards.KEY_GROUPS, load.subtasks(), keyGroup);
  }

  /**
   * Returns the share of all tokens that the busiest subtask gets.
   *
   * @param hot number of the most frequent sequences, which are sharded
   * @param shards number of shards of each, evenly spread
   */
  public double busiest(int hot, int shards) {
    double[] weights = groupWeights.clone();
    for (long i = 1; i <= Math.min(hot, load.activity().sequences()); i++) {
      double weight = load.activity().weight(i);
      int first = keyGroup(i);
      weights[first] -= weight;
      for (int shard = 0; shard < shards; shard++) {
        int group = (first + shard * (Shards.KEY_GROUPS / shards)) % Shards.KEY_GROUPS;
        weights[group] += weight / shards;
      }
    }
    return Arrays.stream(taskWeights(weights)).max().orElseThrow() / allWeight;
  }

  private double[] taskWeights(double[] weights) {
    double[] tasks = new double[load.subtasks()];
    for (int group = 0; group < weights.length; group++) {
      tasks[task(group)] += weights[group];
    }
    return tasks;
  }

  /**
   * Draws the tokens of some intervals, after {@value #WARM_UP} intervals of warm-up.
   *
   * @return the traffic of one interval, scaled from this subtask to all subtasks
   */
  public Traffic run(int intervals) {
    double[] tasks = taskWeights(groupWeights);
    double[] sorted = tasks.clone();
    Arrays.sort(sorted);
    double median = sorted[sorted.length / 2];
    int task = 0;
    while (tasks[task] != median) {
      task++;
    }
    double[] cumulative = cumulative(task);
    long tokens =
        Math.round(load.activity().tokensPerSecond() * load.interval() * median / allWeight);
    Subtask subtask = new Subtask(cumulative.length);
    for (int i = 0; i < WARM_UP + intervals; i++) {
      if (i == WARM_UP) {
        subtask.clear();
      }
      for (long j = 0; j < tokens; j++) {
        subtask.touch(draw(cumulative));
      }
      subtask.checkpoint();
    }
    double scale = (double) load.subtasks() / intervals;
    return new Traffic(
        subtask.touched * scale,
        (double) subtask.hits / (tokens * intervals),
        subtask.writes * scale,
        subtask.put * scale);
  }

  /** Running sums of the weights of a subtask's sequences. */
  private double[] cumulative(int task) {
    int count = 0;
    double[] sums = new double[1024];
    double sum = 0;
    for (long i = 1; i <= load.activity().sequences(); i++) {
      if (task(keyGroup(i)) == task) {
        sum += load.activity().weight(i);
        sums = count == sums.length ? Arrays.copyOf(sums, 2 * count) : sums;
        sums[count++] = sum;
      }
    }
    return Arrays.copyOf(sums, count);
  }

  private int draw(double[] cumulative) {
    int at =
        Arrays.binarySearch(cumulative, random.nextDouble() * cumulative[cumulative.length - 1]);
    return Math.min(cumulative.length - 1, at < 0 ? -at - 1 : at + 1);
  }

  /** Changes of a sequence since its last write. */
  private static final class Entry {
    private int fresh;
    private boolean folded;
  }

  /** The cache of a subtask, and the pending block of each of its sequences. */
  private final class Subtask {
    private final Map<Integer, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private final short[] pending;
    private final long[] lastTouched;
    private long interval = 1;
    private long touched;
    private long hits;
    private long writes;
    private double put;

    Subtask(int sequences) {
      pending = new short[sequences];
      lastTouched = new long[sequences];
      for (int i = 0; i < sequences; i++) {
        pending[i] = (short) random.nextInt(load.bytes().cutSize());
      }
    }

    void clear() {
      touched = 0;
      hits = 0;
      writes = 0;
      put = 0;
    }

    void touch(int i) {
      if (lastTouched[i] != interval) {
        lastTouched[i] = interval;
        touched++;
      }
      Entry entry = entries.get(i);
      if (entry == null) {
        entry = new Entry();
        entries.put(i, entry);
        makeRoom();
      } else {
        hits++;
      }
      entry.fresh++;
      if (++pending[i] >= load.bytes().cutSize()) {
        pending[i] = 0;
        entry.folded = true;
      }
    }

    private void makeRoom() {
      if (entries.size() > load.cached()) {
        Iterator<Map.Entry<Integer, Entry>> eldestFirst = entries.entrySet().iterator();
        Map.Entry<Integer, Entry> eldest = eldestFirst.next();
        write(eldest.getKey(), eldest.getValue());
        eldestFirst.remove();
      }
    }

    void checkpoint() {
      entries.forEach(this::write);
      interval++;
    }

    private void write(int i, Entry entry) {
      if (entry.fresh > 0) {
        writes++;
        put += load.bytes().put(entry.folded, entry.folded ? pending[i] : entry.fresh);
        entry.fresh = 0;
        entry.folded = false;
      }
    }
  }
}
