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

/** Makes topics, produces and reads as a user's client would. */
public class Client implements AutoCloseable {

  private final String bootstrapServers;
  private final Admin admin;
  private final KafkaProducer<byte[], byte[]> producer;

  /** Of a broker, with an idempotent producer. */
  public Client(String bootstrapServers) {
    this(bootstrapServers, Map.of());
  }

  /**
   * The same.
   *
   * @param producerConfigs put over those chosen here
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

  public String bootstrapServers() {
    return bootstrapServers;
  }

  /** Names of one job's topics. */
  public record Topics(String tokens, String queries, String outputs, String deadLetters) {

    /** Names that begin alike. */
    public Topics(String prefix) {
      this(prefix + ".tokens", prefix + ".queries", prefix + ".outputs", prefix + ".dead-letters");
    }

    /** The job's options that name them. */
    public Map<String, String> options() {
      return Map.of(
          "topics.tokens", tokens,
          "topics.queries", queries,
          "topics.outputs", outputs,
          "topics.dead-letters", deadLetters);
    }
  }

  /** Makes a job's topics; outputs has two partitions. */
  public Topics createTopics(String prefix, Map<String, String> outputConfigs) throws IOException {
    return createTopics(prefix, Map.of(), outputConfigs);
  }

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

  public void createTopic(String topic, Map<String, String> configs) throws IOException {
    createTopic(topic, 1, configs);
  }

  /** Makes a topic. */
  public void createTopic(String topic, int partitions, Map<String, String> configs)
      throws IOException {
    NewTopic fresh = new NewTopic(topic, partitions, (short) 1).configs(configs);
    try {
      admin.createTopics(List.of(fresh)).all().get();
    } catch (Exception e) {
      throw new IOException("cannot create topic " + topic, e);
    }
  }

  /** Waits until a topic is there, and tells its cleanup policy. */
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

  /** Deletes all records that a topic has. */
  public void truncate(String topic) throws Exception {
    admin
        .deleteRecords(
            partitions(topic).stream()
                .collect(Collectors.toMap(p -> p, p -> RecordsToDelete.beforeOffset(-1))))
        .all()
        .get();
  }

  /** Deletes a topic with all that it has, and waits until nobody sees it. */
  public void deleteTopic(String topic) throws Exception {
    admin.deleteTopics(List.of(topic)).all().get();
    while (topics().contains(topic)) {
      Thread.sleep(50);
    }
  }

  public Set<String> topics() throws Exception {
    return admin.listTopics().names().get();
  }

  private List<TopicPartition> partitions(String topic) {
    return producer.partitionsFor(topic).stream()
        .map(info -> new TopicPartition(topic, info.partition()))
        .toList();
  }

  /** Sends a record, and does not wait for it. */
  public Future<RecordMetadata> send(String topic, byte[] key, byte[] value) {
    return producer.send(new ProducerRecord<>(topic, key, value));
  }

  public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
    return producer.send(record);
  }

  /** Sends a sequence's token of a position. */
  public Future<RecordMetadata> sendToken(Topics topics, Vectors vectors, int j) {
    return send(
        topics.tokens(), Records.bytes(vectors.sequence), Records.bytes(Records.token(vectors, j)));
  }

  /** Waits until the broker has all that was sent. */
  public void flush() {
    producer.flush();
  }

  /**
   * Reads a topic from its beginning, committed records only, until the condition holds or time is
   * up.
   */
  public List<ConsumerRecord<byte[], byte[]>> read(
      String topic, Duration patience, Predicate<List<ConsumerRecord<byte[], byte[]>>> enough) {
    return read(topic, "read_committed", patience, enough);
  }

  /** The same, whether committed, taken back or neither. */
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

  /** Waits until a topic has so many records, committed or not, control records left out. */
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

  /** Waits until no transaction is open in a topic. */
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

  /** Reads until there are so many records, and a little longer to see whether more come. */
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
