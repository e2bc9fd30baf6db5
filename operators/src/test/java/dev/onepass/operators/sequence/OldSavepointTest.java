// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.sequence.waiting.WaitingLimits;
import dev.onepass.operators.sharding.ShardOptions;
import dev.onepass.operators.sharding.Shards;
import dev.onepass.operators.topology.Sequences;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job that shards a sequence resumes from a savepoint of a job without shards: the added
 * operators have no state, and all others find theirs.
 */
class OldSavepointTest {
  private static final long TOKENS = 4_000;
  private static final long FAST = 1_000;
  private static final int QUERIES = 800;
  private static final CountDownLatch FAST_ONES_TAKEN = new CountDownLatch(1);

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(2)
              .build());

  private static final TokenStream STREAM = new TokenStream(41);
  private static final RawRecord NOWHERE = new RawRecord("t", 0, 0, 0, null, null, Headers.NONE);

  @TempDir Path directory;

  private static StreamExecutionEnvironment environment(String savepoint, int parallelism) {
    Configuration configuration = new Configuration();
    configuration.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    if (savepoint != null) {
      configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
    }
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    environment.setParallelism(parallelism);
    environment.setMaxParallelism(Shards.KEY_GROUPS);
    return environment;
  }

  private static void pause(int millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns tokens: the first thousand without, the others with this pause between them. */
  private static SingleOutputStreamOperator<Event> tokens(
      StreamExecutionEnvironment environment, int pause) {
    return environment
        .fromSource(
            new NumberSequenceSource(0, TOKENS - 1), WatermarkStrategy.noWatermarks(), "tokens")
        .uid("tokens-source")
        .setParallelism(1)
        .map(number -> token(number, pause))
        .returns(FlowTypes.EVENT)
        .uid("tokens-decode")
        .setParallelism(1);
  }

  private static Event token(long number, int pause) {
    if (number >= FAST && pause > 0) {
      pause(pause);
    }
    int token = (int) number;
    SequenceKey key = new SequenceKey(TestOptions.FOLDING, "hot", 0);
    return new Event.Token(key, NOWHERE, number, STREAM.key(token), STREAM.value(token), false);
  }

  private static SingleOutputStreamOperator<Event> queries(StreamExecutionEnvironment environment) {
    return environment
        .fromSource(
            new NumberSequenceSource(1, QUERIES), WatermarkStrategy.noWatermarks(), "queries")
        .uid("queries-source")
        .setParallelism(1)
        .map(OldSavepointTest::query)
        .returns(FlowTypes.EVENT)
        .setParallelism(1);
  }

  private static Event query(long number) {
    pause(10);
    RawRecord origin = new RawRecord("q", 0, number, 0, null, null, Headers.NONE);
    SequenceKey key = new SequenceKey(TestOptions.FOLDING, "hot", 0);
    return new Event.Query(key, origin, "q" + number, STREAM.queries(2), 2, 0);
  }

  private static boolean isEarly(Reply reply) {
    boolean early = ((Reply.Answer) reply).tokens() < FAST;
    if (!early) {
      FAST_ONES_TAKEN.countDown();
    }
    return early;
  }

  private static DataStream<RawRecord> noSets(StreamExecutionEnvironment environment) {
    return environment.fromData(List.of(NOWHERE), FlowTypes.RAW_RECORD).filter(record -> false);
  }

  /** Runs a graph of decoders and the keyed operator alone. */
  private String savepointOfOldJob() throws Exception {
    StreamExecutionEnvironment environment = environment(null, 1);
    tokens(environment, 20)
        .union(queries(environment))
        .keyBy(Event::key, FlowTypes.KEY)
        .connect(noSets(environment).broadcast())
        .transform(
            Sequences.NAME,
            FlowTypes.REPLY,
            new SequencesOperator(TestOptions.immortal(), new ShelfTopic()))
        .uid(Sequences.UID)
        .filter(OldSavepointTest::isEarly)
        .sinkTo(new DiscardingSink<>());
    JobClient job = environment.executeAsync("old");
    assertThat(FAST_ONES_TAKEN.await(60, TimeUnit.SECONDS)).isTrue();
    return job.stopWithSavepoint(
            false,
            directory.resolve("savepoints").toUri().toString(),
            SavepointFormatType.CANONICAL)
        .get(60, TimeUnit.SECONDS);
  }

  @Test
  void goesOnInShards() throws Exception {
    String savepoint = savepointOfOldJob();
    StreamExecutionEnvironment environment = environment(savepoint, 2);
    SequenceOptions options =
        new SequenceOptions(
            List.of(TestOptions.folding(), TestOptions.whole()),
            Duration.ofSeconds(1),
            WaitingLimits.ofQueries(TestOptions.MAX_WAITING),
            null,
            AnchorOptions.FROM_THE_TOPIC,
            new ShardOptions(2, Set.of("hot")));
    Sequences.Answered answered =
        Sequences.answer(
            tokens(environment, 0),
            queries(environment),
            noSets(environment),
            new ShelfTopic(),
            options);
    answered.replies().sinkTo(new DiscardingSink<>());
    answered.deadLetters().sinkTo(new DiscardingSink<>());
    List<Reply.Answer> answers = new ArrayList<>();
    try (CloseableIterator<Reply> replies = answered.merged().executeAndCollect("new")) {
      replies.forEachRemaining(reply -> answers.add((Reply.Answer) reply));
    }

    assertThat(answers).isNotEmpty();
    Reply.Answer last =
        answers.stream().max(Comparator.comparingLong(Reply.Answer::tokens)).orElseThrow();
    assertThat(last.tokens()).isEqualTo(TOKENS);
    assertThat(last.position()).isEqualTo(TOKENS - 1);
    TokenStream.assertClose(last, STREAM.oracle(STREAM.queries(2), (int) TOKENS), 0.01);
    long first = answers.stream().mapToLong(Reply.Answer::tokens).min().orElseThrow();
    assertThat(first).as("tokens of the old job").isGreaterThanOrEqualTo(FAST);
  }
}
