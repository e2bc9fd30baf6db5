// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.job.options.OnepassOptions.LostRecords;
import dev.onepass.operators.event.Hole;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedReaderTest {

  @TempDir static Path directory;

  private static Broker broker;

  @BeforeAll
  static void start() throws Exception {
    broker = new Broker(directory);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static RunningReader reading(String topic) {
    return new RunningReader(broker.servers, topic, LostRecords.CONTINUE);
  }

  private static KafkaPartitionSplit split(String topic, long offset) {
    return new KafkaPartitionSplit(new TopicPartition(topic, 0), offset);
  }

  private static List<String> offsets(long from, long to) {
    return LongStream.range(from, to).mapToObj(Long::toString).toList();
  }

  private static String hole(String topic, long end, boolean topicRecreated) {
    return new Hole(topic, 0, end, topicRecreated).toString();
  }

  @Test
  void aFreshStartOnATrimmedTopicHasNoHole() throws Exception {
    broker.create("fresh", 1);
    broker.send("fresh", 0, 10);
    broker.deleteBefore("fresh", 0, 7);
    try (RunningReader running =
        reading("fresh").with(split("fresh", KafkaPartitionSplit.EARLIEST_OFFSET))) {
      running.run(3);
      assertThat(running.given).isEqualTo(offsets(7, 10));
      assertThat(running.counter("lostRecords")).isZero();
    }
  }

  @Test
  void aSplitThatIsAssignedTwiceIsReadOnce() throws Exception {
    broker.create("twice", 1);
    broker.send("twice", 0, 3);
    KafkaPartitionSplit split = split("twice", KafkaPartitionSplit.EARLIEST_OFFSET);
    try (RunningReader running = reading("twice").with(split).with(split)) {
      running.run(3);
      running.with(split);
      broker.send("twice", 0, 3);
      running.run(6);
      assertThat(running.given).isEqualTo(offsets(0, 6));
    }
  }

  @Test
  void aStartAtCommittedOffsetsWorksWithoutThem() throws Exception {
    broker.create("uncommitted", 1);
    broker.send("uncommitted", 0, 3);
    try (RunningReader running =
        reading("uncommitted").with(split("uncommitted", KafkaPartitionSplit.COMMITTED_OFFSET))) {
      running.run(3);
      assertThat(running.given).isEqualTo(offsets(0, 3));
    }
    broker.commit("g", "uncommitted", 2);
    try (RunningReader running =
        reading("uncommitted").with(split("uncommitted", KafkaPartitionSplit.COMMITTED_OFFSET))) {
      running.run(1);
      assertThat(running.given).isEqualTo(offsets(2, 3));
    }
  }

  @Test
  void aHoleAfterASavepointComesBeforeTheNextRecord() throws Exception {
    Uuid id = broker.create("deleted", 1);
    broker.send("deleted", 0, 10);
    broker.deleteBefore("deleted", 0, 7);
    // A split of an old savepoint, without an id.
    for (KafkaPartitionSplit split :
        List.of(split("deleted", 4), new KnownSplit(split("deleted", 4), id))) {
      try (RunningReader running = reading("deleted").with(split)) {
        running.run(4);
        assertThat(running.given.get(0)).isEqualTo(hole("deleted", 7, false));
        assertThat(running.given.subList(1, 4)).isEqualTo(offsets(7, 10));
        assertThat(running.counter("lostRecords")).isEqualTo(3);
        assertThat(KnownSplit.topicIdOf(running.snapshot())).isEqualTo(id);
        assertThat(running.snapshot().getStartingOffset()).isEqualTo(10);
      }
    }
  }

  @Test
  void lostRecordsStopTheJobIfConfigured() throws Exception {
    broker.create("fail", 1);
    broker.send("fail", 0, 10);
    broker.deleteBefore("fail", 0, 7);
    try (RunningReader running =
        new RunningReader(broker.servers, "fail", LostRecords.FAIL).with(split("fail", 4))) {
      assertThatThrownBy(() -> running.run(1))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .hasMessage(
              "topic fail, partition 0: Kafka deleted 3 records, offsets 4 to 6, before they were read; to continue at offset 7, set kafka.lost-records to continue and start from the same state");
      assertThat(running.given).isEmpty();
    }
    try (RunningReader running =
        new RunningReader(broker.servers, "fail", LostRecords.FAIL).with(split("fail", 8))) {
      running.run(2);
      assertThat(running.given).isEqualTo(offsets(8, 10));
    }
  }

  @Test
  void markersAndAbortedRecordsAreNotHoles() throws Exception {
    Uuid id = broker.create("markers", 1);
    broker.sendInTransaction("markers", 5, true);
    broker.sendInTransaction("markers", 3, false);
    KafkaPartitionSplit state;
    try (RunningReader running =
        reading("markers").with(split("markers", KafkaPartitionSplit.EARLIEST_OFFSET))) {
      running.run(5);
      // 5 records and a marker, then 3 aborted records and a marker.
      running.runUntil(() -> running.snapshot().getStartingOffset() == 10);
      state = running.snapshot();
    }
    broker.deleteBefore("markers", 0, 10);
    broker.send("markers", 0, 1);
    try (RunningReader running = reading("markers").with(state)) {
      running.run(1);
      assertThat(running.given).isEqualTo(offsets(10, 11));
      assertThat(running.counter("lostRecords")).isZero();
      assertThat(KnownSplit.topicIdOf(running.snapshot())).isEqualTo(id);
    }
  }

  /** A job that is slower than retention does not restart, and loses no fetched record. */
  @Test
  void recordsDeletedUnderARunningReaderAreAHole() throws Exception {
    broker.create("slow", 1);
    broker.send("slow", 0, 60);
    try (RunningReader running = reading("slow").with(split("slow", 0))) {
      long beginning = 0;
      for (int round = 1; round <= 2; round++) {
        running.run(running.given.size() + 2);
        int given = running.given.size();
        // Leaves time to fetch ahead.
        Thread.sleep(1_000);
        beginning = 25L * round;
        broker.deleteBefore("slow", 0, beginning);
        String hole = hole("slow", beginning, false);
        running.runUntil(() -> running.given.contains(hole));
        int place = running.given.indexOf(hole);
        assertThat(place).as("what was fetched before").isGreaterThan(given);
        running.run(place + 2);
        assertThat(running.given.get(place + 1)).isEqualTo(Long.toString(beginning));
      }
      running.runUntil(() -> running.given.contains("59"));
      long records = running.given.stream().filter(text -> !text.startsWith("Hole")).count();
      assertThat(running.given).hasSize((int) records + 2);
      assertThat(running.counter("lostRecords")).isEqualTo(60 - records).isPositive();
      assertThat(running.snapshot().getStartingOffset()).isEqualTo(60);
    }
  }

  @Test
  void aTopicCreatedAgainAfterASavepointIsReadFromItsBeginning() throws Exception {
    broker.create("recreated", 1);
    KafkaPartitionSplit old = new KnownSplit(split("recreated", 2), Uuid.randomUuid());
    broker.send("recreated", 0, 4);
    try (RunningReader running = reading("recreated").with(old)) {
      running.run(5);
      assertThat(running.given.get(0)).isEqualTo(hole("recreated", 0, true));
      assertThat(running.given.subList(1, 5)).isEqualTo(offsets(0, 4));
      assertThat(running.counter("topicsMadeAnew")).isEqualTo(1);
      assertThat(running.counter("lostRecords")).isZero();
    }
  }

  @Test
  void aTopicCreatedAgainUnderARunningReaderIsReadFromItsBeginning() throws Exception {
    broker.create("again", 2);
    broker.send("again", 0, 3);
    KafkaPartitionSplit other = new KafkaPartitionSplit(new TopicPartition("again", 1), 0);
    try (RunningReader running = reading("again").with(split("again", 0), other)) {
      running.run(3);
      // The same number of records as before, so that offsets cannot tell.
      for (int times = 1; times <= 2; times++) {
        broker.delete("again");
        broker.create("again", 2);
        broker.send("again", 0, 3);
        int before = running.given.size();
        running.runUntil(() -> running.given.size() >= before + 5);
        running.runOn();
        List<String> given = running.given.subList(before, running.given.size());
        assertThat(given)
            .hasSize(5)
            .contains(new Hole("again", 1, 0, true).toString())
            .containsSubsequence(hole("again", 0, true), "0", "1", "2");
        assertThat(running.counter("topicsMadeAnew")).isEqualTo(times);
      }
    }
  }

  /** After the topic was missing, its offsets do not continue, whatever its size. */
  @Test
  void aTopicThatWasMissingIsCheckedBeforeItIsReadOn() throws Exception {
    broker.create("away", 1);
    broker.send("away", 0, 3);
    try (RunningReader running = reading("away").with(split("away", 0))) {
      running.run(3);
      broker.delete("away");
      running.runOn();
      broker.create("away", 1);
      broker.send("away", 0, 6);
      running.run(10);
      assertThat(running.given.get(3)).isEqualTo(hole("away", 0, true));
      assertThat(running.given.subList(4, 10)).isEqualTo(offsets(0, 6));
    }
  }

  @Test
  void uncheckedSplitsAreInTheSnapshot() throws Exception {
    KafkaPartitionSplit split = split("nowhere", 17);
    try (RunningReader running =
        new RunningReader("localhost:1", "nowhere", LostRecords.CONTINUE).with(split)) {
      running.runOn();
      assertThat(running.snapshot()).isEqualTo(split);
      assertThat(running.given).isEmpty();
    }
  }

  @Test
  void aPausedPartitionStaysPausedWhenItIsAdded() throws Exception {
    broker.create("paused", 1);
    broker.send("paused", 0, 2);
    KafkaPartitionSplit split = split("paused", 0);
    try (RunningReader running = reading("paused").with(split)) {
      running.reader.pauseOrResumeSplits(List.of(split.splitId()), List.of());
      running.runOn();
      assertThat(running.given).isEmpty();
      running.reader.pauseOrResumeSplits(List.of(), List.of(split.splitId()));
      running.run(2);
    }
  }

  @Test
  void anOpenTransactionIsMeasured() throws Exception {
    broker.create("open", 1);
    broker.send("open", 0, 2);
    try (RunningReader running = reading("open").with(split("open", 0));
        KafkaProducer<byte[], byte[]> transaction = broker.begin("open", 4)) {
      running.run(2);
      running.runUntil(
          () ->
              running.gauge("recordsBehindHighWatermark") == 4
                  && running.gauge("openTransactionMillis") > 500);
      transaction.commitTransaction();
      running.run(6);
      running.runUntil(
          () ->
              running.gauge("recordsBehindHighWatermark") == 0
                  && running.gauge("openTransactionMillis") == 0);
    }
  }
}
