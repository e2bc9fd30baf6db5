// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.records;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A Kafka client like a user's: it creates topics, sends records and reads them. */
public class Client implements AutoCloseable {

  private final String bootstrapServers;
  private final Admin admin;
  private final KafkaProducer<byte[], byte[]> producer;

  /** Connects to a broker, with an idempotent producer. */
  public Client(String bootstrapServers) {
    this(bootstrapServers, Map.of());
  }

  /**
   * Connects to a broker, with an idempotent producer.
   *
   * @param producerConfigs settings that override the defaults set here
   */
  public Client(String bootstrapServers, Map<String, String> producerConfigs) {
    this.bootstrapServers = bootstrapServers;
    admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("enable.idempotence", "true");
    properties.put("linger.ms", "5");
    properties.putAll(producerConfigs);
    producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Returns the value of {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return bootstrapServers;
  }

  /** Names of the topics of a job. */
  public record Topics(String tokens, String queries, String outputs, String deadLetters) {

    /** Derives the names from a prefix. */
    public Topics(String prefix) {
      this(prefix + ".tokens", prefix + ".queries", prefix + ".outputs", prefix + ".dead-letters");
    }

    /** Returns the options that give the job these names. */
    public Map<String, String> options() {
      return Map.of(
          "topics.tokens", tokens,
          "topics.queries", queries,
          "topics.outputs", outputs,
          "topics.dead-letters", deadLetters);
    }
  }

  /** Creates the topics of a job. The outputs topic has two partitions. */
  public Topics createTopics(String prefix, Map<String, String> outputConfigs) throws IOException {
    return createTopics(prefix, Map.of(), outputConfigs);
  }

  /** Creates the topics of a job with settings for input topics and for the outputs topic. */
  public Topics createTopics(
      String prefix, Map<String, String> inputConfigs, Map<String, String> outputConfigs)
      throws IOException {
    Topics topics = new Topics(prefix);
    createTopic(topics.tokens(), 3, inputConfigs);
    createTopic(topics.queries(), 2, inputConfigs);
    createTopic(topics.outputs(), 2, outputConfigs);
    createTopic(topics.deadLetters(), 1, Map.of());
    return topics;
  }

  /** Creates a topic with one partition. */
  public void createTopic(String topic, Map<String, String> configs) throws IOException {
    createTopic(topic, 1, configs);
  }

  /** Creates a topic. */
  public void createTopic(String topic, int partitions, Map<String, String> configs)
      throws IOException {
    NewTopic fresh = new NewTopic(topic, partitions, (short) 1).configs(configs);
    try {
      admin.createTopics(List.of(fresh)).all().get();
    } catch (Exception e) {
      throw new IOException("cannot create topic " + topic, e);
    }
  }

  /** Waits until a topic exists and returns its cleanup policy. */
  public String awaitTopic(String topic, Duration patience) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    long deadline = System.nanoTime() + patience.toNanos();
    while (!topics().contains(topic)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("there is no topic " + topic);
      }
      Thread.sleep(100);
    }
    return admin
        .describeConfigs(List.of(resource))
        .all()
        .get()
        .get(resource)
        .get("cleanup.policy")
        .value();
  }

  /** Deletes all records of a topic. */
  public void truncate(String topic) throws Exception {
    admin
        .deleteRecords(
            partitions(topic).stream()
                .collect(Collectors.toMap(p -> p, p -> RecordsToDelete.beforeOffset(-1))))
        .all()
        .get();
  }

  /** Deletes a topic and waits until it is no longer listed. */
  public void deleteTopic(String topic) throws Exception {
    admin.deleteTopics(List.of(topic)).all().get();
    while (topics().contains(topic)) {
      Thread.sleep(50);
    }
  }

  /** Returns the names of all topics. */
  public Set<String> topics() throws Exception {
    return admin.listTopics().names().get();
  }

  private List<TopicPartition> partitions(String topic) {
    return producer.partitionsFor(topic).stream()
        .map(info -> new TopicPartition(topic, info.partition()))
        .toList();
  }

  /** Sends a record without waiting for it. */
  public Future<RecordMetadata> send(String topic, byte[] key, byte[] value) {
    return producer.send(new ProducerRecord<>(topic, key, value));
  }

  /** Sends a record without waiting for it. */
  public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
    return producer.send(record);
  }

  /** Sends the token at a position of a sequence. */
  public Future<RecordMetadata> sendToken(Topics topics, Vectors vectors, int j) {
    return send(
        topics.tokens(), Records.bytes(vectors.sequence), Records.bytes(Records.token(vectors, j)));
  }

  /** Waits until the broker has all records sent so far. */
  public void flush() {
    producer.flush();
  }

  /**
   * Reads the committed records of a topic from its beginning, until a condition holds or the time
   * is over.
   */
  public List<ConsumerRecord<byte[], byte[]>> read(
      String topic, Duration patience, Predicate<List<ConsumerRecord<byte[], byte[]>>> enough) {
    return read(topic, "read_committed", patience, enough);
  }

  /** Reads all records of a topic, including aborted and uncommitted ones, like {@link #read}. */
  public List<ConsumerRecord<byte[], byte[]>> readUncommitted(
      String topic, Duration patience, Predicate<List<ConsumerRecord<byte[], byte[]>>> enough) {
    return read(topic, "read_uncommitted", patience, enough);
  }

  private List<ConsumerRecord<byte[], byte[]>> read(
      String topic,
      String isolation,
      Duration patience,
      Predicate<List<ConsumerRecord<byte[], byte[]>>> enough) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("isolation.level", isolation);
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = partitions(topic);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long deadline = System.nanoTime() + patience.toNanos();
      while (!enough.test(records) && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
    }
    return records;
  }

  /** Waits until a topic has a number of records, committed or not, without control records. */
  public void awaitUncommitted(String topic, int count, Duration patience) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrapServers);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = partitions(topic);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long deadline = System.nanoTime() + patience.toNanos();
      int there = 0;
      while (there < count) {
        there += consumer.poll(Duration.ofMillis(200)).count();
        if (System.nanoTime() > deadline) {
          throw new AssertionError("%s has %d records, not %d".formatted(topic, there, count));
        }
      }
    }
  }

  /** Waits until a topic has no open transaction. */
  public void awaitNoOpenTransaction(String topic, Duration patience) throws Exception {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!ends(topic, IsolationLevel.READ_COMMITTED)
        .equals(ends(topic, IsolationLevel.READ_UNCOMMITTED))) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("a transaction is open in " + topic);
      }
      Thread.sleep(200);
    }
  }

  private Map<TopicPartition, Long> ends(String topic, IsolationLevel level) throws Exception {
    Map<TopicPartition, Long> ends = new HashMap<>();
    admin
        .listOffsets(
            partitions(topic).stream().collect(Collectors.toMap(p -> p, p -> OffsetSpec.latest())),
            new ListOffsetsOptions(level))
        .all()
        .get()
        .forEach((partition, result) -> ends.put(partition, result.offset()));
    return ends;
  }

  /**
   * Reads until a topic has a number of records, and then a little longer to detect further
   * records.
   */
  public List<ConsumerRecord<byte[], byte[]>> readExactly(
      String topic, int count, Duration patience) {
    List<ConsumerRecord<byte[], byte[]>> records =
        read(topic, patience, soFar -> soFar.size() >= count);
    if (records.size() < count) {
      return records;
    }
    return read(topic, Duration.ofSeconds(3), soFar -> false);
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
    admin.close(Duration.ofSeconds(1));
  }
}
