// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaTest {
  private static final TopicPartition PARTITION = new TopicPartition("words", 0);

  @TempDir Path directory;

  @Test
  void keepsRecordsAcrossRestartsAndCommitsTransactions() throws Exception {
    int port;
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0)) {
      port = Integer.parseInt(kafka.bootstrapServers().split(":")[1]);
      kafka.createTopic("words", 1, Map.of("max.message.bytes", "2000000"));
      assertThatThrownBy(() -> kafka.createTopic("words", 1, Map.of()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("words");
      produceInTransaction(kafka.bootstrapServers(), "attention");
      assertThat(consume(kafka.bootstrapServers())).isEqualTo("attention");
    }
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, port)) {
      assertThat(kafka.bootstrapServers()).isEqualTo("localhost:" + port);
      assertThat(consume(kafka.bootstrapServers())).isEqualTo("attention");
    }
  }

  @Test
  void reportsThatThePortIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> EmbeddedKafka.start(directory, port))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("port " + port + " is not available");
    }
  }

  private static void produceInTransaction(String servers, String word) {
    Map<String, Object> config = Map.of("bootstrap.servers", servers, "transactional.id", "test");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("words", word.getBytes(StandardCharsets.UTF_8)));
      producer.commitTransaction();
    }
  }

  private static String consume(String servers) {
    Map<String, Object> config =
        Map.of("bootstrap.servers", servers, "isolation.level", "read_committed");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(PARTITION));
      consumer.seekToBeginning(List.of(PARTITION));
      for (int i = 0; i < 50; i++) {
        for (ConsumerRecord<byte[], byte[]> found : consumer.poll(Duration.ofMillis(200))) {
          return new String(found.value(), StandardCharsets.UTF_8);
        }
      }
      throw new AssertionError("no record within ten seconds");
    }
  }
}
