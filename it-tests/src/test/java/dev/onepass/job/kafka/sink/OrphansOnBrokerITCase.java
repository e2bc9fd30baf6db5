// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.job.kafka.sink.OrphanedTransactions.Promise;
import dev.onepass.testkit.embedded.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests which open transactions of a broker {@link OrphanedTransactions} ends. */
class OrphansOnBrokerITCase {

  private static final String TOPIC = "outputs";

  @TempDir static Path directory;

  private static EmbeddedKafka kafka;
  private static Admin admin;

  @BeforeAll
  static void startBroker() throws Exception {
    kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
    kafka.createTopic(TOPIC, 1, Map.of());
    admin = Admin.create(clients());
  }

  @AfterAll
  static void stopBroker() {
    admin.close(Duration.ofSeconds(1));
    kafka.close();
  }

  private static Properties clients() {
    Properties clients = new Properties();
    clients.put("bootstrap.servers", kafka.bootstrapServers());
    return clients;
  }

  private static KafkaProducer<byte[], byte[]> begin(String id) {
    Properties properties = clients();
    properties.put("transactional.id", id);
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    producer.initTransactions();
    begin(producer);
    return producer;
  }

  private static void begin(KafkaProducer<byte[], byte[]> producer) {
    producer.beginTransaction();
    producer.send(new ProducerRecord<>(TOPIC, new byte[1], new byte[1]));
    producer.flush();
  }

  private static TransactionDescription description(String id) throws Exception {
    return admin.describeTransactions(List.of(id)).description(id).get();
  }

  /** Returns the promise that a checkpoint stores for the open transaction of an id. */
  private static Promise promise(String id) throws Exception {
    TransactionDescription open = description(id);
    return new Promise(id, open.producerId(), (short) open.producerEpoch());
  }

  private static void end(String prefix, Promise... promises) throws Exception {
    new OrphanedTransactions(clients(), prefix).end(List.of(promises));
  }

  @Test
  void promisedTransactionCanStillBeCommitted() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = begin("promised-sink:-0-0")) {
      end("promised", promise("promised-sink:-0-0"));
      producer.commitTransaction();
    }
  }

  /** Ends a later transaction that reuses a promised id, of the same producer or another. */
  @Test
  void laterTransactionWithTheSameIdIsEnded() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = begin("orphan-0-0")) {
      Promise promise = promise("orphan-0-0");
      producer.commitTransaction();
      begin(producer);
      end("orphan", promise);
      assertThat(description("orphan-0-0").state()).isEqualTo(TransactionState.EMPTY);
      assertThatThrownBy(producer::commitTransaction)
          .isInstanceOfAny(ProducerFencedException.class, InvalidProducerEpochException.class);

      try (KafkaProducer<byte[], byte[]> another = begin("orphan-0-0")) {
        assertThat(another).isNotNull();
        end("orphan", promise);
        assertThat(description("orphan-0-0").state()).isEqualTo(TransactionState.EMPTY);
      }
    }
  }

  /** Keeps transactions with another prefix, even if the state contains their ids. */
  @Test
  void transactionsOfOtherJobsAreKept() throws Exception {
    for (String id : List.of("live-1-0-0", "live-2-sink:-1-0", "live-limit-0a-0-0", "other-0-0")) {
      try (KafkaProducer<byte[], byte[]> producer = begin(id)) {
        end("live", new Promise(id, 123_456, (short) 7));
        producer.commitTransaction();
      }
    }
  }

  @Test
  void transactionsThatAreNotOpenAreKept() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = begin("done-0-0")) {
      Promise promise = promise("done-0-0");
      producer.commitTransaction();
      end("done", promise, new Promise("done-1-0", 123_456, (short) 7));
      assertThat(description("done-0-0").state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
      begin(producer);
      producer.commitTransaction();
    }
  }

  /** Returns without an exception, because brokers abort the transactions at their timeout. */
  @Test
  void doesNotWaitLongForUnreachableBrokers() throws Exception {
    Properties nowhere = new Properties();
    nowhere.put("bootstrap.servers", "localhost:1");
    nowhere.put("default.api.timeout.ms", "300");
    nowhere.put("request.timeout.ms", "200");
    new OrphanedTransactions(nowhere, "p").end(List.of(new Promise("p-0-0", 1, (short) 1)));
  }
}
