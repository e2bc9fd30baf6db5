// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.accuracy.ShadowSampling;
import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.ReplySerializer;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.sequence.waiting.WaitingLimits;
import dev.onepass.operators.sharding.ShardOptions;
import dev.onepass.operators.sharding.Shards;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Ids with equal Java string hashes cost as much as other ids, wherever a sequence is looked up by
 * its key: in the cache, in the state backend, and among the timers.
 */
class CollidingIdsTest {
  private static final int IDS = 10_000;

  /** Far above noise, far below the cost of a chain of all ids. */
  private static final double MOST_TIMES_SLOWER = 8;

  private static final TokenStream STREAM = new TokenStream(3);

  @TempDir Path directory;

  @ParameterizedTest(name = "{0}, cache of {1} bytes")
  @CsvSource({"heap, 0", "heap, 67108864", "rocksdb, 0", "rocksdb, 67108864"})
  void collidingIdsCostNoMoreThanOthers(String backend, long cacheBytes) throws Exception {
    double others = best(backend, cacheBytes, CollidingIdsTest::ordinary);
    double colliding = best(backend, cacheBytes, CollidingIdsTest::colliding);

    assertThat(colliding)
        .as("microseconds per token; other ids take %.1f", others)
        .isLessThan(MOST_TIMES_SLOWER * others);
  }

  private static String ordinary(int i) {
    return "user-%023d".formatted(i);
  }

  /** "Aa" and "BB" have equal hashes in Java, and so do all strings of equally many of them. */
  private static String colliding(int i) {
    StringBuilder id = new StringBuilder();
    for (int bit = 0; bit < 14; bit++) {
      id.append((i >> bit & 1) == 0 ? "Aa" : "BB");
    }
    return id.toString();
  }

  /** Returns the better of two runs, which is less sensitive to noise. */
  private double best(String backend, long cacheBytes, IntFunction<String> id) throws Exception {
    return Math.min(microseconds(backend, cacheBytes, id), microseconds(backend, cacheBytes, id));
  }

  /** Returns the time per token over many existing sequences. */
  private double microseconds(String backend, long cacheBytes, IntFunction<String> id)
      throws Exception {
    SequenceOptions options =
        new SequenceOptions(
            List.of(TestOptions.folding()),
            TestOptions.TIMEOUT,
            WaitingLimits.ofQueries(TestOptions.MAX_WAITING),
            TestOptions.TIME_TO_LIVE,
            AnchorOptions.FROM_THE_TOPIC,
            ShardOptions.NONE,
            cacheBytes,
            ShadowSampling.OFF);
    try (KeyedBroadcastOperatorTestHarness<SequenceKey, Event, RawRecord, Reply> sequences =
        new KeyedBroadcastOperatorTestHarness<>(
            new SequencesOperator(options, new ShelfTopic()),
            Event::key,
            FlowTypes.KEY,
            Shards.KEY_GROUPS,
            1,
            0)) {
      sequences.setStateBackend(stateBackend(backend));
      sequences.setup(ReplySerializer.INSTANCE);
      sequences.setProcessingTime(1_000);
      sequences.open();
      for (int i = 0; i < IDS; i++) {
        sequences.processElement(token(id.apply(i), 0), 0);
      }
      long begin = System.nanoTime();
      for (int i = 0; i < IDS; i++) {
        sequences.processElement(token(id.apply(i), 1), 0);
      }
      return (System.nanoTime() - begin) / 1e3 / IDS;
    }
  }

  private StateBackend stateBackend(String name) {
    if (name.equals("heap")) {
      return new HashMapStateBackend();
    }
    EmbeddedRocksDBStateBackend backend = new EmbeddedRocksDBStateBackend();
    backend.setDbStoragePath(directory.toString());
    backend.getMemoryConfiguration().setFixedMemoryPerSlot("64mb");
    return backend;
  }

  private static Event token(String id, int position) {
    return new Event.Token(
        new SequenceKey(TestOptions.FOLDING, id, 0),
        new RawRecord("t", 0, position, 0, null, null, Headers.NONE),
        position,
        STREAM.key(position),
        STREAM.value(position),
        false);
  }
}
