// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.flat;

import com.sun.management.ThreadMXBean;
import dev.onepass.bench.load.MemoryTokens;
import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.stores.HeldStore;
import dev.onepass.bench.stores.RocksStore;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.sequence.Sequence;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the cost of a token as a function of the number n of earlier tokens in its sequence.
 * Tokens go through the library and from time to time into RocksDB, as in a job at checkpoints.
 * Time is processor time of the folding thread, which does not depend on other load of the machine.
 */
public final class FlatTimes {
  /** Minimum number of tokens, over all sequences, for a point. */
  public static final long TOKENS_PER_POINT = 1_000_000;

  private static final int MOST_SEQUENCES = 20;

  /**
   * Minimum number of samples, so that a recompilation during one of them does not change the
   * median.
   */
  private static final int LEAST_SEQUENCES = 3;

  /** Tokens of a busy sequence between two checkpoints. */
  private static final int CHECKPOINT = 1_000;

  private static final int TEN = 10;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final MemoryTokens tokens;
  private final AnchorSets anchors;
  private final long tokensPerPoint;
  private long sequences;

  /**
   * Creates a measurement of hybrid sequences.
   *
   * @param dim of keys and values
   * @param stateSize bytes of a sequence
   * @param tokensPerPoint minimum number of tokens, over all sequences, for a point
   */
  public FlatTimes(int dim, int stateSize, long tokensPerPoint) {
    this.tokensPerPoint = tokensPerPoint;
    tokens = new MemoryTokens("hybrid", dim, stateSize, 0);
    anchors = AnchorSets.of(tokens.anchors());
  }

  /**
   * The cost of a token at one length.
   *
   * @param tokens n
   * @param micros processor time of a token in microseconds, over tokens n/2 to n
   * @param allocated bytes that a token allocates on the heap
   * @param stateBytes state size of the sequence
   * @param diskBytes size of RocksDB's files for it after compaction
   * @param heapMib heap in use after a garbage collection
   */
  public record Point(
      long tokens,
      double micros,
      double allocated,
      long stateBytes,
      long diskBytes,
      double heapMib) {}

  /**
   * Measures at 10^4, 10^5 and so on.
   *
   * @param most number of tokens of the longest sequence
   */
  public List<Point> measure(long most) throws IOException {
    List<Point> points = new ArrayList<>();
    try (RocksStore store = new RocksStore()) {
      run(store, Math.min(most, tokensPerPoint));
    }
    for (long n = 10_000; n <= most; n *= TEN) {
      points.add(point(n));
    }
    return points;
  }

  private Point point(long n) throws IOException {
    int runs = (int) Math.max(LEAST_SEQUENCES, Math.min(MOST_SEQUENCES, tokensPerPoint / n));
    double[] micros = new double[runs];
    double[] allocated = new double[runs];
    Run last = null;
    for (int i = 0; i < runs; i++) {
      try (RocksStore store = new RocksStore()) {
        last = run(store, n);
        micros[i] = last.micros;
        allocated[i] = last.allocated;
      }
    }
    return new Point(
        n,
        Numbers.median(micros),
        Numbers.median(allocated),
        last.stateBytes,
        last.diskBytes,
        last.heapMib);
  }

  private record Run(
      double micros, double allocated, long stateBytes, long diskBytes, double heapMib) {}

  private Run run(RocksStore store, long n) {
    store.sequence(sequences++);
    HeldStore held = new HeldStore(store);
    Sequence sequence = Sequence.open(tokens.head(), held, anchors);
    take(sequence, held, 0, n / 2);
    long nanos = threads.getCurrentThreadCpuTime();
    long bytes = threads.getCurrentThreadAllocatedBytes();
    take(sequence, held, n / 2, n);
    double perToken = 1.0 / (n - n / 2);
    double micros = (threads.getCurrentThreadCpuTime() - nanos) * 1e-3 * perToken;
    double allocated = (threads.getCurrentThreadAllocatedBytes() - bytes) * perToken;
    store.settle();
    return new Run(micros, allocated, sequence.header().stateBytes(), store.bytes(), heapMib());
  }

  private void take(Sequence sequence, HeldStore store, long from, long to) {
    for (long i = from; i < to; i++) {
      sequence.accept(i, tokens.key(i), tokens.value(i));
      sequence.save();
      if (i % CHECKPOINT == CHECKPOINT - 1 || i == to - 1) {
        store.writeBack();
      }
    }
  }

  private static double heapMib() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / (double) (1 << 20);
  }
}
