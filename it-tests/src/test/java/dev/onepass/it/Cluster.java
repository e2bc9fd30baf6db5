package dev.onepass.it;

import dev.onepass.demo.cluster.EmbeddedFlink;
import dev.onepass.demo.cluster.EmbeddedKafka;
import dev.onepass.demo.cluster.FlinkJob;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A real broker and a Flink cluster with RocksDB in this JVM, the job's own jar on it, and a client
 * that produces and reads as a user's would.
 */
final class Cluster implements AutoCloseable {

  private static final Path JOB_JAR = Path.of(System.getProperty("job.jar"));
  private static final int SLOTS = 4;

  private final EmbeddedKafka kafka;
  private final EmbeddedFlink flink;
  private final KafkaProducer<byte[], byte[]> producer;

  private Cluster(EmbeddedKafka kafka, EmbeddedFlink flink) {
    this.kafka = kafka;
    this.flink = flink;
    Properties properties = new Properties();
    properties.put("bootstrap.servers", kafka.bootstrapServers());
    properties.put("enable.idempotence", "true");
    properties.put("linger.ms", "5");
    producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  static Cluster start(Path directory) throws IOException {
    Configuration settings = new Configuration();
    settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(1));
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
    settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(200));
    EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
    EmbeddedFlink flink = EmbeddedFlink.start(directory.resolve("flink"), SLOTS, 0, settings);
    return new Cluster(kafka, flink);
  }

  /** Names of one job's topics; made on creation. */
  record Topics(String tokens, String queries, String outputs, String deadLetters) {}

  Topics createTopics(String prefix, Map<String, String> outputConfigs) throws IOException {
    Topics topics =
        new Topics(
            prefix + ".tokens", prefix + ".queries", prefix + ".outputs", prefix + ".dead-letters");
    kafka.createTopic(topics.tokens(), 3, Map.of());
    kafka.createTopic(topics.queries(), 2, Map.of());
    kafka.createTopic(topics.outputs(), 2, outputConfigs);
    kafka.createTopic(topics.deadLetters(), 1, Map.of());
    return topics;
  }

  String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  void createTopic(String topic, Map<String, String> configs) throws IOException {
    kafka.createTopic(topic, 1, configs);
  }

  /** Waits until a topic is there, and tells its cleanup policy. */
  String awaitTopic(String topic, Duration patience) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    long deadline = System.nanoTime() + patience.toNanos();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      while (!admin.listTopics().names().get().contains(topic)) {
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
  }

  /** Starts the job and waits until all of it runs. */
  FlinkJob submit(Topics topics, Map<String, String> options) throws IOException {
    return submit(topics, options, 2, SavepointRestoreSettings.none());
  }

  FlinkJob submit(
      Topics topics, Map<String, String> options, int parallelism, SavepointRestoreSettings restore)
      throws IOException {
    Map<String, String> all = new HashMap<>(options);
    all.put("kafka.bootstrap.servers", kafka.bootstrapServers());
    all.put("topics.tokens", topics.tokens());
    all.put("topics.queries", topics.queries());
    all.put("topics.outputs", topics.outputs());
    all.put("topics.dead-letters", topics.deadLetters());
    List<String> arguments = new ArrayList<>();
    all.forEach((name, value) -> arguments.addAll(List.of("--" + name, value)));
    FlinkJob job = flink.submit(JOB_JAR, parallelism, restore, arguments.toArray(String[]::new));
    job.awaitRunning(Duration.ofSeconds(60));
    return job;
  }

  void replaceTaskManager() throws Exception {
    flink.replaceTaskManager();
  }

  Future<RecordMetadata> send(String topic, byte[] key, byte[] value) {
    return producer.send(new ProducerRecord<>(topic, key, value));
  }

  Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
    return producer.send(record);
  }

  void sendToken(Topics topics, Vectors vectors, int j) {
    send(
        topics.tokens(), Records.bytes(vectors.sequence), Records.bytes(Records.token(vectors, j)));
  }

  void flush() {
    producer.flush();
  }

  /**
   * Reads a topic from its beginning, committed records only, until the condition holds or time is
   * up.
   */
  List<ConsumerRecord<byte[], byte[]>> read(
      String topic, Duration patience, Predicate<List<ConsumerRecord<byte[], byte[]>>> enough) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", kafka.bootstrapServers());
    properties.put("isolation.level", "read_committed");
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long deadline = System.nanoTime() + patience.toNanos();
      while (!enough.test(records) && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
    }
    return records;
  }

  /** Reads until there are so many records, and a little longer to see whether more come. */
  List<ConsumerRecord<byte[], byte[]>> readExactly(String topic, int count, Duration patience) {
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
    flink.close();
    kafka.close();
  }
}
