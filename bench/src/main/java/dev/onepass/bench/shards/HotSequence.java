// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.shards;

import dev.onepass.bench.load.NoTopic;
import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.anchors.StoredAnchorSet;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.sequence.SequenceOptions;
import dev.onepass.operators.sequence.waiting.WaitingLimits;
import dev.onepass.operators.sharding.ShardOptions;
import dev.onepass.operators.sharding.Shards;
import dev.onepass.operators.topology.Sequences;
import dev.onepass.sketch.anchored.AnchoredFamily;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import dev.onepass.sketch.sequence.HeadSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * One hot sequence in a Flink process: tokens from memory and the job's operators over RocksDB,
 * without Kafka. Uses the default sketch and state size, anchors and 64 dimensions.
 */
public final class HotSequence {
  private static final String HEAD = "default";
  private static final String SEQUENCE = "hot";
  private static final int DIM = 64;
  private static final int STATE_SIZE = 128 * 1024;

  /** Vectors that the tokens repeat. */
  private static final int POOL = 4_096;

  /** Share of the tokens that are warm-up. */
  private static final int WARM_UP = 4;

  private static final String WARM = "warm";

  private final int parallelism;
  private final StoredAnchorSet anchors;

  /**
   * Creates a sequence whose head has an anchor set.
   *
   * @param parallelism number of task threads of the sequences' operator
   */
  public HotSequence(int parallelism, long seed) {
    this.parallelism = parallelism;
    float[] queries = vectors(POOL, seed);
    float[] keys = vectors(POOL, ~seed);
    anchors =
        StoredAnchorSet.of(
            HEAD,
            1,
            AnchorSetMaker.make(1, DIM, queries, keys, AnchorSetMaker.DEFAULT_COUNT, seed)
                .toByteArray());
  }

  private static float[] vectors(int count, long seed) {
    Random random = new Random(seed);
    float[] numbers = new float[count * DIM];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  /**
   * The speed of a run.
   *
   * @param tokensPerSecond tokens per second after the warm-up
   * @param tokensPerBusySecond tokens per second of processor time of the busiest folding thread:
   *     the rate on a machine with enough cores
   */
  public record Speed(double tokensPerSecond, double tokensPerBusySecond) {}

  /**
   * Folds tokens.
   *
   * @param shards number of shards of the sequence
   * @param tokens number of tokens including warm-up, at least some ten thousand
   */
  public Speed fold(int shards, long tokens) throws Exception {
    Configuration configuration = new Configuration();
    configuration.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
    configuration.set(PipelineOptions.GENERIC_TYPES, false);
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createLocalEnvironment(parallelism, configuration);
    environment.setMaxParallelism(Shards.KEY_GROUPS);
    DataStream<Event> events =
        environment
            .fromSource(
                new NumberSequenceSource(0, tokens - 1), WatermarkStrategy.noWatermarks(), "tokens")
            .setParallelism(1)
            .map(new Tokens(tokens / WARM_UP))
            .returns(FlowTypes.EVENT)
            .setParallelism(1);
    DataStream<Event> noQueries = events.filter(event -> false).setParallelism(1);
    DataStream<RawRecord> noSets =
        environment.fromData(List.of(Tokens.ORIGIN), FlowTypes.RAW_RECORD).filter(set -> false);
    ShardOptions sharding =
        shards == 1 ? ShardOptions.NONE : new ShardOptions(shards, Set.of(SEQUENCE));
    Sequences.Answered answered =
        Sequences.answer(events, noQueries, noSets, new NoTopic(), options(sharding));
    answered.replies().sinkTo(new DiscardingSink<>());
    answered.merged().sinkTo(new DiscardingSink<>());
    answered.deadLetters().sinkTo(new DiscardingSink<>());
    try (BusyThreads threads = new BusyThreads(Sequences.NAME)) {
      JobExecutionResult result = environment.execute("hot sequence in " + shards);
      long micros = System.nanoTime() / 1_000 - result.<Long>getAccumulatorResult(WARM);
      return new Speed((tokens - tokens / WARM_UP) * 1e6 / micros, tokens / threads.busiest());
    }
  }

  private SequenceOptions options(ShardOptions sharding) {
    HeadSpec head =
        new HeadSpec(
            HEAD, DIM, DIM, 1 / Math.sqrt(DIM), STATE_SIZE, 0, AnchoredFamily.HYBRID, 7, Map.of());
    return new SequenceOptions(
        List.of(head),
        Duration.ofMinutes(1),
        WaitingLimits.ofQueries(1),
        null,
        new AnchorOptions(
            List.of(anchors), 1, false, AnchorSetMaker.DEFAULT_COUNT, Duration.ofMinutes(1)),
        sharding);
  }

  /** Maps numbers to tokens and records the end of the warm-up, in microseconds. */
  private static final class Tokens extends RichMapFunction<Long, Event> {
    private static final long serialVersionUID = 1L;

    static final RawRecord ORIGIN = new RawRecord("tokens", 0, 0, 0, null, null, Headers.NONE);

    private final long warmUp;

    private transient float[][] pool;
    private transient LongCounter warm;

    Tokens(long warmUp) {
      this.warmUp = warmUp;
    }

    @Override
    public void open(OpenContext context) {
      warm = getRuntimeContext().getLongCounter(WARM);
      float[] numbers = vectors(POOL, 1);
      pool = new float[POOL][DIM];
      for (int i = 0; i < POOL; i++) {
        System.arraycopy(numbers, i * DIM, pool[i], 0, DIM);
      }
    }

    @Override
    public Event map(Long number) {
      if (number == warmUp) {
        warm.add(System.nanoTime() / 1_000);
      }
      int i = (int) (number % POOL);
      return new Event.Token(
          new SequenceKey(HEAD, SEQUENCE, 0), ORIGIN, number, pool[i], pool[POOL - 1 - i], false);
    }
  }
}
