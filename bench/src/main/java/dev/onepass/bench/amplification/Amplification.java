// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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
import dev.onepass.operators.sharding.ShardOptions;
import dev.onepass.operators.topology.Sequences;
import dev.onepass.sketch.sequence.Decay;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.StateLayout;
import dev.onepass.testkit.embedded.FlinkJob;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;

/** Measures bytes that RocksDB and checkpoints write for each byte of the tokens' floats. */
public final class Amplification implements AutoCloseable {
  private static final int DIM = 32;

  /** Tokens of each sequence, relative to exact mode, before the measurement begins. */
  private static final double PAST_EXACT = 1.1;

  private final MemoryJob cluster;

  /**
   * Starts a cluster.
   *
   * @param parallelism parallelism of the operator
   * @param managedMemory RocksDB memory of all subtasks together
   * @param flinkOptions Flink options that override the defaults set here
   */
  public Amplification(int parallelism, MemorySize managedMemory, Map<String, String> flinkOptions)
      throws IOException {
    cluster = new MemoryJob(parallelism, managedMemory, flinkOptions);
  }

  /**
   * The settings of a run.
   *
   * @param family of the sequences
   * @param stateSize bytes of a sequence
   * @param cutSize tokens folded at once; 0 lets the state size decide
   * @param cacheBytes heap cache of a subtask
   * @param sequences number of sequences, which get tokens in turn
   * @param tokensEach tokens of each sequence between two checkpoints
   */
  public record Setup(
      String family, int stateSize, int cutSize, long cacheBytes, int sequences, int tokensEach) {

    /** Returns the effective cut size. */
    public int cut() {
      return layout().cutSize();
    }

    private StateLayout layout() {
      return StateLayout.of(DIM, DIM, stateSize, cutSize, Decay.NONE);
    }
  }

  /**
   * Bytes written for each byte of the tokens' floats.
   *
   * @param tokensEach actual tokens of each sequence between two checkpoints
   * @param put bytes put into RocksDB
   * @param expected the same by the formula, for a cache that holds all sequences or none
   * @param compacted bytes rewritten by RocksDB's compaction
   * @param checkpointed bytes written by incremental checkpoints
   */
  public record Written(
      double tokensEach, double put, double expected, double compacted, double checkpointed) {}

  /**
   * Measures.
   *
   * @param checkpoints number of measured checkpoints, after the first
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
        ShardOptions.NONE,
        cacheBytes,
        ShadowSampling.OFF);
  }

  @Override
  public void close() {
    cluster.close();
  }
}
