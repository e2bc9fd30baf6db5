package dev.onepass.bench.load;

import com.sun.management.ThreadMXBean;
import dev.onepass.bench.measure.Numbers;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.Sequence;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * What a token costs when its sequence has seen n before: through the library, each into RocksDB.
 * Time is the folding thread's own, which does not depend on what else the machine does.
 */
public final class FlatTimes {
  /** Tokens of all the sequences that a point is measured on, at least. */
  private static final long TOKENS_PER_POINT = 200_000;

  private static final int MOST_SEQUENCES = 20;
  private static final int TEN = 10;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final MemoryTokens tokens;
  private final AnchorSets anchors;
  private long sequences;

  /**
   * Hybrid sequences.
   *
   * @param dim of keys and values
   * @param stateSize bytes of a sequence
   */
  public FlatTimes(int dim, int stateSize) {
    tokens = new MemoryTokens("hybrid", dim, stateSize, 0);
    anchors = AnchorSets.of(tokens.anchors());
  }

  /**
   * Costs at one length.
   *
   * @param tokens n
   * @param micros of processor time a token, for tokens n/2 to n: with one choice of a kernel
   * @param allocated bytes of heap that a token allocates
   * @param stateBytes of the sequence
   * @param diskBytes of RocksDB's files for it, sorted
   * @param heapMib that is in use after a collection
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
   * @param most tokens of the longest sequence
   */
  public List<Point> measure(long most) throws IOException {
    List<Point> points = new ArrayList<>();
    try (RocksStore store = new RocksStore()) {
      run(store, Math.min(most, TOKENS_PER_POINT));
    }
    for (long n = 10_000; n <= most; n *= TEN) {
      points.add(point(n));
    }
    return points;
  }

  private Point point(long n) throws IOException {
    int runs = (int) Math.max(1, Math.min(MOST_SEQUENCES, TOKENS_PER_POINT / n));
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
    Sequence sequence = new Sequence(tokens.head(), store, anchors);
    take(sequence, store, 0, n / 2);
    long nanos = threads.getCurrentThreadCpuTime();
    long bytes = threads.getCurrentThreadAllocatedBytes();
    take(sequence, store, n / 2, n);
    double perToken = 1.0 / (n - n / 2);
    double micros = (threads.getCurrentThreadCpuTime() - nanos) * 1e-3 * perToken;
    double allocated = (threads.getCurrentThreadAllocatedBytes() - bytes) * perToken;
    store.settle();
    return new Run(micros, allocated, sequence.header().stateBytes(), store.bytes(), heapMib());
  }

  private void take(Sequence sequence, RocksStore store, long from, long to) {
    for (long i = from; i < to; i++) {
      Header header = sequence.header();
      sequence.accept(header, i, tokens.key(i), tokens.value(i));
      store.putHeader(header);
    }
  }

  private static double heapMib() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / (double) (1 << 20);
  }
}
