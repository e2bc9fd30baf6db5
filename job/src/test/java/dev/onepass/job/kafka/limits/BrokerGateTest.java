// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.job.kafka.client.RawRecordWriter;
import dev.onepass.job.records.RecordLimit;
import dev.onepass.job.records.TopicGate.Verdict;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.record.DefaultRecordBatch;
import org.apache.kafka.common.record.SimpleRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerGateTest {

  private static final int PRODUCERS_LIMIT = 1 << 20;

  /** Simulates brokers: the limit of the topic, and failures in place of acknowledgements. */
  private int brokersLimit = 20_000;

  private boolean isCompacted;
  private final List<Exception> failures = new ArrayList<>();

  private final List<MockProducer<byte[], byte[]>> producers = new ArrayList<>();
  private int tried;

  @AfterEach
  void clearInterrupt() {
    Thread.interrupted();
  }

  private static int batch(ProducerRecord<byte[], byte[]> record) {
    return DefaultRecordBatch.sizeInBytes(
        List.of(new SimpleRecord(0, record.key(), record.value(), record.headers().toArray())));
  }

  private MockProducer<byte[], byte[]> producer() {
    ByteArraySerializer bytes = new ByteArraySerializer();
    MockProducer<byte[], byte[]> producer =
        new MockProducer<>(true, null, bytes, bytes) {
          @Override
          public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
            tried++;
            if (!failures.isEmpty() && failures.get(0) == null) {
              return new CompletableFuture<>();
            }
            if (!failures.isEmpty()) {
              return CompletableFuture.failedFuture(failures.remove(0));
            }
            if (batch(record) > brokersLimit) {
              return CompletableFuture.failedFuture(new RecordTooLargeException("large"));
            }
            if (isCompacted && record.key() == null) {
              return CompletableFuture.failedFuture(new InvalidRecordException("no key"));
            }
            return super.send(record);
          }
        };
    producers.add(producer);
    return producer;
  }

  private BrokerGate gate(boolean isTakenBack, boolean mayGrow, TopicSettings settings) {
    return new BrokerGate(
        PRODUCERS_LIMIT, settings, new Trial(this::producer, isTakenBack, mayGrow));
  }

  private static RawRecord record(byte[] key, int length) {
    return RawRecord.toWrite("t", key, new byte[length], Headers.NONE);
  }

  private static RawRecord record(int length) {
    return record(new byte[] {1}, length);
  }

  @Test
  void knownLimitsNeedNoTrial() throws Exception {
    TopicSettings known = new TopicSettings(OptionalInt.of(20_000), Optional.of(true));
    try (BrokerGate gate = gate(true, true, known)) {
      assertThat(gate.judge(record(19_000))).isEqualTo(Verdict.PASSES);
      assertThat(gate.judge(record(20_000))).isEqualTo(Verdict.TOO_LARGE);
      assertThat(gate.judge(record(null, 10))).isEqualTo(Verdict.KEY_MISSING);
      assertThat(gate.limit()).isEqualTo(20_000);
    }
    assertThat(producers).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"true,true", "false,true", "false,false"})
  void recordsThatPassAreAcceptedInAnyOrder(boolean isTakenBack, boolean mayGrow) throws Exception {
    Random random = new Random(3);
    try (BrokerGate gate = gate(isTakenBack, mayGrow, TopicSettings.UNKNOWN)) {
      for (int i = 0; i < 2_000; i++) {
        RawRecord record = record(random.nextInt(40_000));
        switch (gate.judge(record)) {
          case PASSES, WRITTEN ->
              assertThat(batch(RawRecordWriter.toKafka(record))).isLessThanOrEqualTo(brokersLimit);
          case TOO_LARGE -> assertThat(RecordLimit.bytes(record)).isGreaterThan(brokersLimit);
          default -> throw new AssertionError("it has a key");
        }
      }
    }
    assertThat(tried).isBetween(2, 60);
  }

  @ParameterizedTest
  @CsvSource({"true,true,PASSES", "false,false,WRITTEN"})
  void anEqualRecordIsNotTriedAgain(boolean isTakenBack, boolean mayGrow, Verdict first)
      throws Exception {
    try (BrokerGate gate = gate(isTakenBack, mayGrow, TopicSettings.UNKNOWN)) {
      assertThat(gate.judge(record(5_000))).isEqualTo(first);
      assertThat(gate.judge(record(30_000))).isEqualTo(Verdict.TOO_LARGE);
      for (int i = 0; i < 100; i++) {
        assertThat(gate.judge(record(5_000))).isEqualTo(Verdict.PASSES);
        assertThat(gate.judge(record(30_000))).isEqualTo(Verdict.TOO_LARGE);
      }
      assertThat(gate.isKnown()).isFalse();
    }
    assertThat(tried).isEqualTo(2);
    assertThat(producers).allMatch(MockProducer::closed);
  }

  @Test
  void trialsInTransactionsAreNeverCommitted() throws Exception {
    try (BrokerGate gate = gate(true, true, TopicSettings.UNKNOWN)) {
      gate.judge(record(5_000));
      gate.judge(record(30_000));
      gate.judge(record(6_000));
    }
    assertThat(producers)
        .allSatisfy(
            producer -> {
              assertThat(producer.history()).isEmpty();
              assertThat(producer.commitCount()).isZero();
            });
  }

  @Test
  void theFirstRecordWithoutAKeyIsTried() throws Exception {
    try (BrokerGate gate = gate(true, true, TopicSettings.UNKNOWN)) {
      assertThat(gate.judge(record(5_000))).isEqualTo(Verdict.PASSES);
      assertThat(gate.judge(record(null, 10))).isEqualTo(Verdict.PASSES);
      assertThat(gate.judge(record(null, 10))).isEqualTo(Verdict.PASSES);
    }
    assertThat(tried).isEqualTo(2);
    isCompacted = true;
    try (BrokerGate gate = gate(true, true, TopicSettings.UNKNOWN)) {
      assertThat(gate.judge(record(null, 10))).isEqualTo(Verdict.KEY_MISSING);
      assertThat(gate.judge(record(null, 10))).isEqualTo(Verdict.KEY_MISSING);
    }
    assertThat(tried).isEqualTo(3);
  }

  @Test
  void aBatchLargerThanASegmentIsTooLarge() throws Exception {
    failures.add(new RecordBatchTooLargeException("segment"));
    try (BrokerGate gate = gate(true, true, TopicSettings.UNKNOWN)) {
      assertThat(gate.judge(record(5_000))).isEqualTo(Verdict.TOO_LARGE);
      assertThat(gate.limit()).isLessThan(5_300);
    }
  }

  @Test
  void cutRecordsFitInTheEnd() throws Exception {
    try (BrokerGate gate = gate(true, true, TopicSettings.UNKNOWN)) {
      RawRecord record = record(900_000);
      for (int i = 0; gate.judge(record) == Verdict.TOO_LARGE; i++) {
        assertThat(i).isLessThan(20);
        record = record(RecordLimit.room(record(0), gate.limit()));
      }
      assertThat(record.value().length).isGreaterThan(9_000);
    }
  }

  /** The start of the sink ends the transaction, which tells nothing about the record. */
  @Test
  void aFencedTrialIsRepeated() throws Exception {
    failures.add(new InvalidProducerEpochException("fenced"));
    try (BrokerGate gate = gate(true, true, TopicSettings.UNKNOWN)) {
      assertThat(gate.judge(record(5_000))).isEqualTo(Verdict.PASSES);
    }
    assertThat(producers).hasSize(2).allMatch(MockProducer::closed);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anUnclearAnswerIsAFailure(boolean isTakenBack) {
    failures.add(new NotEnoughReplicasException("down"));
    try (BrokerGate gate = gate(isTakenBack, true, TopicSettings.UNKNOWN)) {
      assertThatThrownBy(() -> gate.judge(record(5_000)))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(
              "The brokers do not tell whether topic t accepts a record of 5262 bytes: ")
          .hasMessageContaining("down");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCancelledTaskDoesNotWait(boolean isTakenBack) {
    try (BrokerGate gate = gate(isTakenBack, true, TopicSettings.UNKNOWN)) {
      failures.add(null); // No answer.
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> gate.judge(record(5_000))).isInstanceOf(InterruptedException.class);
    }
    assertThat(producers).allMatch(MockProducer::closed);
  }
}
