// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.awaitility.Awaitility;

/** A broker in this JVM, with operations for tests. */
final class Broker implements AutoCloseable {

  final String servers;
  private final KafkaRaftServer server;
  private final Admin admin;
  private final KafkaProducer<byte[], byte[]> producer;

  Broker(Path directory) throws Exception {
    int port = freePort();
    int controller = freePort();
    Map<String, String> settings = new HashMap<>();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", "1");
    settings.put(
        "listeners", "CLIENT://localhost:%d,CONTROLLER://localhost:%d".formatted(port, controller));
    settings.put("advertised.listeners", "CLIENT://localhost:" + port);
    settings.put("listener.security.protocol.map", "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.put("inter.broker.listener.name", "CLIENT");
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put("controller.quorum.voters", "1@localhost:" + controller);
    settings.put("log.dirs", directory.toString());
    settings.put("auto.create.topics.enable", "false");
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "1");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("transaction.state.log.num.partitions", "1");
    settings.put("num.network.threads", "1");
    settings.put("num.io.threads", "2");
    settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
    new Formatter()
        .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
        .setClusterId(Uuid.randomUuid().toString())
        .setNodeId(1)
        .setControllerListenerName("CONTROLLER")
        .setMetadataLogDirectory(Optional.empty())
        .addDirectory(directory.toString())
        .setReleaseVersion(MetadataVersion.latestProduction())
        .run();
    server = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
    server.startup();
    servers = "localhost:" + port;
    admin = Admin.create(Map.of("bootstrap.servers", servers));
    producer = producer(Map.of());
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private KafkaProducer<byte[], byte[]> producer(Map<String, String> more) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", servers);
    properties.putAll(more);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Creates a topic and returns its id. */
  Uuid create(String topic, int partitions) throws Exception {
    return admin
        .createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
        .topicId(topic)
        .get();
  }

  void delete(String topic) throws Exception {
    admin.deleteTopics(List.of(topic)).all().get();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !admin.listTopics().names().get().contains(topic));
  }

  /** Sends records one by one, so that each has its own batch. */
  void send(String topic, int partition, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      producer.send(record(topic, partition)).get();
    }
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, int partition) {
    return new ProducerRecord<>(topic, partition, new byte[] {1}, new byte[64]);
  }

  /** Sends records in a transaction, and leaves it open. */
  KafkaProducer<byte[], byte[]> begin(String topic, int count) {
    KafkaProducer<byte[], byte[]> transaction =
        producer(Map.of("transactional.id", Uuid.randomUuid().toString()));
    transaction.initTransactions();
    transaction.beginTransaction();
    for (int i = 0; i < count; i++) {
      transaction.send(record(topic, 0));
    }
    transaction.flush();
    return transaction;
  }

  void sendInTransaction(String topic, int count, boolean commit) {
    try (KafkaProducer<byte[], byte[]> transaction = begin(topic, count)) {
      if (commit) {
        transaction.commitTransaction();
      } else {
        transaction.abortTransaction();
      }
    }
  }

  void deleteBefore(String topic, int partition, long offset) throws Exception {
    admin
        .deleteRecords(
            Map.of(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(offset)))
        .all()
        .get();
  }

  void commit(String group, String topic, long offset) throws Exception {
    admin
        .alterConsumerGroupOffsets(
            group, Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(offset)))
        .all()
        .get();
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
    admin.close(Duration.ZERO);
    server.shutdown();
    server.awaitShutdown();
  }
}
