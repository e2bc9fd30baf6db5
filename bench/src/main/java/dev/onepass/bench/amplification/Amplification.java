package dev.onepass.bench.amplification;

import dev.onepass.bench.load.JobMetrics;
import dev.onepass.bench.load.MemoryJob;
import dev.onepass.bench.load.MemoryTokens;
import dev.onepass.bench.sizing.SequenceBytes;
import dev.onepass.operators.accuracy.ShadowSampling;
import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.anchors.StoredAnchorSet;
import dev.onepass.operators.sequence.SequenceOptions;
import dev.onepass.operators.sequence.waiting.WaitingLimits;
import dev.onepass.operators.sharding.Sharding;
import dev.onepass.operators.topology.Sequences;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.StateLayout;
import dev.onepass.testkit.embedded.FlinkJob;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;

/** Counts what RocksDB writes for each byte of the tokens' floats. */
public final class Amplification implements AutoCloseable {
  private static final int DIM = 32;

  /** So many tokens more than exact mode takes, before anything is counted. */
  private static final double PAST_EXACT = 1.1;

  private final MemoryJob cluster;

  /**
   * Starts a cluster.
   *
   * @param parallelism of the operator
   * @param managedMemory that RocksDB shares among the subtasks
   * @param flinkOptions put over those chosen here
   */
  public Amplification(int parallelism, MemorySize managedMemory, Map<String, String> flinkOptions)
      throws IOException {
    cluster = new MemoryJob(parallelism, managedMemory, flinkOptions);
  }

  /**
   * What is varied.
   *
   * @param family of the sequences
   * @param stateSize bytes of a sequence
   * @param cutSize tokens folded at once; 0 lets the state size decide
   * @param cacheBytes of a subtask
   * @param sequences that tokens go to in turn
   * @param tokensEach tokens of each sequence between two checkpoints
   */
  public record Setup(
      String family, int stateSize, int cutSize, long cacheBytes, int sequences, int tokensEach) {

    /** The cut size that holds. */
    public int cut() {
      return layout().cutSize();
    }

    private StateLayout layout() {
      return StateLayout.of(DIM, DIM, stateSize, cutSize);
    }
  }

  /**
   * Bytes for each byte of a token's floats.
   *
   * @param tokensEach tokens of each sequence between two checkpoints, as it came
   * @param put into RocksDB
   * @param expected to be put, where the cache holds every sequence, or none
   * @param compacted written again while RocksDB sorted them
   * @param checkpointed written by incremental checkpoints
   */
  public record Written(
      double tokensEach, double put, double expected, double compacted, double checkpointed) {}

  /**
   * Measures.
   *
   * @param checkpoints that are waited for, after the first
   */
  public Written measure(Setup setup, int checkpoints) throws Exception {
    MemoryTokens tokens = new MemoryTokens(setup.family(), DIM, setup.stateSize(), setup.cutSize());
    FlinkJob job =
        MemoryJob.running(
            cluster.start(
                new MemoryJob.Tokens(DIM, setup.sequences(), 0, Long.MAX_VALUE),
                options(tokens, setup.cacheBytes()),
                SavepointRestoreSettings.none()));
    try {
      long exact = (long) (PAST_EXACT * setup.layout().exactTokens() * setup.sequences());
      MemoryJob.awaitConsumed(job, exact);
      job.checkpoint();
      return between(job, setup, checkpoints);
    } finally {
      job.cancel();
    }
  }

  private static Written between(FlinkJob job, Setup setup, int checkpoints) throws Exception {
    String id = job.id().toString();
    long begin = MemoryJob.consumed(job);
    long put = JobMetrics.put(id, Sequences.NAME);
    long compacted = JobMetrics.compacted(id, Sequences.NAME);
    long checkpointed = 0;
    for (int i = 0; i < checkpoints; i++) {
      long next = MemoryJob.consumed(job) + (long) setup.tokensEach() * setup.sequences();
      MemoryJob.awaitConsumed(job, next);
      job.checkpoint();
      checkpointed += JobMetrics.checkpointBytes(id);
    }
    long tokens = MemoryJob.consumed(job) - begin;
    double tokenBytes = 2.0 * Float.BYTES * DIM * tokens;
    double each = (double) tokens / setup.sequences() / checkpoints;
    SequenceBytes bytes = SequenceBytes.of(DIM, DIM, setup.stateSize(), setup.cutSize());
    return new Written(
        each,
        (JobMetrics.put(id, Sequences.NAME) - put) / tokenBytes,
        bytes.putPerTokenByte(setup.cacheBytes() == 0 ? 1 : each),
        (JobMetrics.compacted(id, Sequences.NAME) - compacted) / tokenBytes,
        checkpointed / tokenBytes);
  }

  private static SequenceOptions options(MemoryTokens tokens, long cacheBytes) {
    HeadSpec head = tokens.head();
    List<StoredAnchorSet> sets =
        head.family().usesAnchors()
            ? List.of(StoredAnchorSet.of(head.name(), 1, tokens.anchors().toByteArray()))
            : List.of();
    return new SequenceOptions(
        List.of(head),
        Duration.ofMinutes(1),
        WaitingLimits.ofQueries(1),
        null,
        new AnchorOptions(sets, 1, false, 1, Duration.ofMinutes(1)),
        Sharding.NONE,
        cacheBytes,
        ShadowSampling.OFF);
  }

  @Override
  public void close() {
    cluster.close();
  }
}
