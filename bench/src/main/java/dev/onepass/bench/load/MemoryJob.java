// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.load;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.sequence.SequenceOptions;
import dev.onepass.operators.sharding.Shards;
import dev.onepass.operators.topology.Sequences;
import dev.onepass.testkit.embedded.EmbeddedFlink;
import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.files.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * The operator of the sequences over RocksDB, in a cluster without a broker. Tokens come from
 * memory, one for each sequence in turn, and checkpoints are made on request.
 */
public final class MemoryJob implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(1);

  private final Path directory = Files.createTempDirectory("onepass-memory");
  private final EmbeddedFlink flink;
  private final int parallelism;

  /**
   * Starts a cluster.
   *
   * @param flinkOptions Flink options that override the defaults set here
   */
  public MemoryJob(int parallelism, MemorySize managedMemory, Map<String, String> flinkOptions)
      throws IOException {
    this.parallelism = parallelism;
    Configuration settings = new Configuration();
    settings.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, managedMemory);
    settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofDays(1));
    settings.set(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
        ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    settings.addAll(JobMetrics.reporter());
    settings.addAll(JobMetrics.statistics());
    settings.addAll(Configuration.fromMap(flinkOptions));
    flink = EmbeddedFlink.start(directory, parallelism, 0, settings);
  }

  /**
   * The tokens of a job.
   *
   * @param dim length of keys and values
   * @param sequences number of sequences, which get tokens in turn
   * @param from number of the first token
   * @param fast tokens with smaller numbers are sent as fast as possible, the others one per
   *     millisecond
   */
  public record Tokens(int dim, long sequences, long from, long fast) {}

  /**
   * Starts the job.
   *
   * @param savepoint the savepoint or checkpoint to restore
   */
  public FlinkJob start(Tokens tokens, SequenceOptions options, SavepointRestoreSettings savepoint)
      throws IOException {
    StreamExecutionEnvironment environment = new StreamExecutionEnvironment(flink.configuration());
    environment.setParallelism(parallelism);
    environment.setMaxParallelism(Shards.KEY_GROUPS);
    DataStream<Event> events =
        environment
            .fromSource(
                new NumberSequenceSource(tokens.from(), Long.MAX_VALUE / 2),
                WatermarkStrategy.noWatermarks(),
                "Count")
            .setParallelism(1)
            // A restored job continues with other tokens, so its source must not restore this
            // position.
            .uid("count-from-" + tokens.from())
            .map(new ToToken(tokens))
            .returns(FlowTypes.EVENT)
            .setParallelism(1)
            .uid("tokens");
    DataStream<Event> noQueries = events.filter(event -> false).setParallelism(1).uid("no-queries");
    // Not a separate source, which would finish during a checkpoint.
    DataStream<RawRecord> noSets =
        noQueries
            .map(event -> ToToken.ORIGIN)
            .returns(FlowTypes.RAW_RECORD)
            .setParallelism(1)
            .uid("no-sets");
    Sequences.Answered answered =
        Sequences.answer(events, noQueries, noSets, new NoTopic(), options);
    answered.replies().sinkTo(new DiscardingSink<>()).uid("replies");
    answered.merged().sinkTo(new DiscardingSink<>()).uid("merged");
    answered.deadLetters().sinkTo(new DiscardingSink<>()).uid("dead-letters");
    JobGraph graph = environment.getStreamGraph().getJobGraph();
    graph.setSavepointRestoreSettings(savepoint);
    return flink.submit(graph);
  }

  /**
   * Waits until the operator has consumed a number of tokens, and returns how many it has consumed.
   */
  public static long awaitConsumed(FlinkJob job, long tokens) throws IOException {
    while (true) {
      long consumed = consumed(job);
      if (consumed >= tokens) {
        return consumed;
      }
      Pause.during(job);
    }
  }

  public static long consumed(FlinkJob job) {
    return JobMetrics.consumed(job.id().toString(), Sequences.NAME);
  }

  /** Waits until all tasks run. */
  public static FlinkJob running(FlinkJob job) throws IOException {
    job.awaitRunning(START);
    return job;
  }

  /** Returns a directory for savepoints. */
  public Path directory() {
    return directory;
  }

  @Override
  public void close() {
    flink.close();
    Directories.delete(directory);
  }

  private static final class ToToken extends RichMapFunction<Long, Event> {
    private static final long serialVersionUID = 1L;

    static final RawRecord ORIGIN = new RawRecord("tokens", 0, 0, 0, null, null, Headers.NONE);

    /** A prime, so that every sequence gets every vector and files do not compress well. */
    private static final int POOL = 4_093;

    private static final int STEP = 1_231;
    private static final long NO_POSITION = -1;

    private final int dim;
    private final long sequences;
    private final long fast;
    private transient float[][] pool;

    ToToken(Tokens tokens) {
      dim = tokens.dim();
      sequences = tokens.sequences();
      fast = tokens.fast();
    }

    @Override
    public void open(OpenContext context) {
      Random random = new Random(1);
      pool = new float[POOL][dim];
      for (float[] vector : pool) {
        for (int i = 0; i < dim; i++) {
          vector[i] = (float) random.nextGaussian();
        }
      }
    }

    @Override
    public Event map(Long number) throws InterruptedException {
      if (number >= fast) {
        Thread.sleep(1);
      }
      SequenceKey key = new SequenceKey("default", "sequence-" + number % sequences, 0);
      float[] vector = pool[(int) (number * STEP % POOL)];
      float[] value = pool[(int) ((number + 1) * STEP % POOL)];
      return new Event.Token(key, ORIGIN, NO_POSITION, vector, value, false);
    }
  }
}
