// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.restore;

import dev.onepass.bench.load.JobMetrics;
import dev.onepass.bench.load.MemoryJob;
import dev.onepass.bench.load.MemoryTokens;
import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.sequence.SequenceOptions;
import dev.onepass.operators.sequence.waiting.WaitingLimits;
import dev.onepass.operators.sharding.ShardOptions;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.testkit.embedded.FlinkJob;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;

/**
 * Measures checkpoints and restores of a large state: sequences of 32 KiB in exact mode, which is
 * the fastest way to fill it.
 */
public final class Restore implements AutoCloseable {
  private static final int DIM = 128;
  private static final int STATE_SIZE = 32 << 10;

  /** Space for one more token, so that sequences can change. */
  private static final int LEFT = 1;

  private final MemoryJob cluster;
  private final HeadSpec head = new MemoryTokens("exact", DIM, STATE_SIZE, 0).head();
  private final SequenceOptions options;

  /**
   * Starts a cluster.
   *
   * @param parallelism parallelism of the operator
   * @param managedMemory RocksDB memory of all subtasks together
   * @param flinkOptions Flink options that override the defaults set here
   */
  public Restore(int parallelism, MemorySize managedMemory, Map<String, String> flinkOptions)
      throws IOException {
    cluster = new MemoryJob(parallelism, managedMemory, flinkOptions);
    options =
        new SequenceOptions(
            List.of(head),
            Duration.ofMinutes(1),
            WaitingLimits.ofQueries(1),
            null,
            AnchorOptions.FROM_THE_TOPIC,
            ShardOptions.NONE);
  }

  /**
   * Times in seconds, and bytes written.
   *
   * @param sequences number of sequences
   * @param first time of the checkpoint after all sequences were filled
   * @param firstBytes bytes of that checkpoint
   * @param next time of an incremental checkpoint after few sequences changed
   * @param nextBytes bytes of that checkpoint
   * @param fromCheckpoint time from the submission of a job that restores that checkpoint to its
   *     first token
   * @param savepoint time of a stop with a savepoint in canonical format
   * @param fromSavepoint time from the submission of a job that restores the savepoint to its first
   *     token
   */
  public record Seconds(
      long sequences,
      double first,
      long firstBytes,
      double next,
      long nextBytes,
      double fromCheckpoint,
      double savepoint,
      double fromSavepoint) {}

  /**
   * Measures.
   *
   * @param bytes bytes of state, at least one sequence
   */
  public Seconds measure(long bytes) throws Exception {
    long sequences = Math.max(1, bytes / STATE_SIZE);
    long fill = sequences * (head.layout().exactTokens() - LEFT);
    FlinkJob job = start(sequences, 0, fill, SavepointRestoreSettings.none());
    MemoryJob.awaitConsumed(MemoryJob.running(job), fill);
    Timed<String> first = timed(job::checkpoint);
    long firstBytes = JobMetrics.checkpointBytes(job.id().toString());
    MemoryJob.awaitConsumed(job, MemoryJob.consumed(job) + 1);
    Timed<String> next = timed(job::checkpoint);
    long nextBytes = JobMetrics.checkpointBytes(job.id().toString());
    job.cancel();
    Timed<FlinkJob> restored = timed(() -> restored(sequences, fill + sequences, next.value));
    Timed<String> savepoint = timed(() -> stop(restored.value));
    Timed<FlinkJob> again = timed(() -> restored(sequences, fill, savepoint.value));
    again.value.cancel();
    return new Seconds(
        sequences,
        first.seconds,
        firstBytes,
        next.seconds,
        nextBytes,
        restored.seconds,
        savepoint.seconds,
        again.seconds);
  }

  private FlinkJob start(long sequences, long from, long fast, SavepointRestoreSettings savepoint)
      throws IOException {
    return cluster.start(new MemoryJob.Tokens(DIM, sequences, from, fast), options, savepoint);
  }

  /** Restores a job and waits until it has consumed a token. */
  private FlinkJob restored(long sequences, long from, String path) throws IOException {
    // With Flink's changelog, only the owner of this checkpoint could make further checkpoints.
    SavepointRestoreSettings its =
        SavepointRestoreSettings.forPath(path, true, RecoveryClaimMode.CLAIM);
    FlinkJob job = start(sequences, from, from, its);
    MemoryJob.awaitConsumed(job, 1);
    return job;
  }

  private String stop(FlinkJob job) throws Exception {
    return MemoryJob.running(job).stopWithSavepoint(cluster.directory());
  }

  private interface Step<T> {
    T run() throws Exception;
  }

  private record Timed<T>(T value, double seconds) {}

  private static <T> Timed<T> timed(Step<T> step) throws Exception {
    long begin = System.nanoTime();
    T value = step.run();
    return new Timed<>(value, (System.nanoTime() - begin) / 1e9);
  }

  @Override
  public void close() {
    cluster.close();
  }
}
