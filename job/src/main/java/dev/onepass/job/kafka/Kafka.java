// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka;

import dev.onepass.job.format.QueryIds;
import dev.onepass.job.kafka.anchors.AnchorsPublisher;
import dev.onepass.job.kafka.anchors.BrokersAnchorsTopic;
import dev.onepass.job.kafka.client.OneTopic;
import dev.onepass.job.kafka.client.RawRecordReader;
import dev.onepass.job.kafka.client.RawRecordWriter;
import dev.onepass.job.kafka.client.TransactionalIds;
import dev.onepass.job.kafka.limits.BrokerLimit;
import dev.onepass.job.kafka.sink.AnswersSink;
import dev.onepass.job.kafka.sink.OrphanedTransactions;
import dev.onepass.job.kafka.sink.QueriesAgain;
import dev.onepass.job.kafka.sink.SinkTopics;
import dev.onepass.job.kafka.source.FromBeginning;
import dev.onepass.job.kafka.source.WatchedSource;
import dev.onepass.job.options.JobSettings;
import dev.onepass.job.options.OnepassOptions;
import dev.onepass.job.records.RecordLimit;
import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.event.RawRecord;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Creates the job's sources, its sink and its other clients of Kafka. */
public final class Kafka {

  /** Interval at which the sources look for new partitions. */
  private static final String DISCOVERY_MILLIS = "10000";

  private final JobSettings settings;

  /**
   * @param settings settings of the job
   */
  public Kafka(JobSettings settings) {
    this.settings = settings;
  }

  /**
   * Returns the source of tokens. A job that starts without a savepoint has no state, so it reads
   * all tokens, whatever offsets an earlier job committed. The source emits holes among the
   * records.
   */
  public WatchedSource tokens() {
    return watched(settings.topics().tokens(), new FromBeginning(), true);
  }

  /**
   * Returns the source of queries. A job that starts without a savepoint continues at the offsets
   * that an earlier job committed, or at the beginning.
   */
  @SuppressWarnings("deprecation") // The connector's method requires this enum.
  public WatchedSource queries() {
    return watched(
        settings.topics().queries(),
        OffsetsInitializer.committedOffsets(OffsetResetStrategy.NONE),
        false);
  }

  /** Returns the source of anchor sets. It reads the whole topic, which may not exist yet. */
  public KafkaSource<RawRecord> anchors() {
    String topic = settings.topics().anchors();
    return source(topic, OffsetsInitializer.earliest())
        .setKafkaSubscriber(OneTopic.optional(topic))
        .build();
  }

  private WatchedSource watched(String topic, OffsetsInitializer start, boolean tellsHoles) {
    return new WatchedSource(
        source(topic, start).setKafkaSubscriber(OneTopic.required(topic)).build(),
        new RawRecordReader(),
        topic,
        settings.lostRecords(),
        tellsHoles);
  }

  private KafkaSourceBuilder<RawRecord> source(String topic, OffsetsInitializer start) {
    Properties properties = new Properties();
    properties.setProperty(ConsumerConfig.GROUP_ID_CONFIG, "onepass");
    // Records of aborted transactions do not count.
    properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.setProperty(
        KafkaSourceOptions.PARTITION_DISCOVERY_INTERVAL_MS.key(), DISCOVERY_MILLIS);
    properties.putAll(settings.kafkaProperties());
    // Both sources may run in one process, where client ids must be unique.
    String clientId =
        properties.getProperty(
            ConsumerConfig.CLIENT_ID_CONFIG,
            properties.getProperty(ConsumerConfig.GROUP_ID_CONFIG));
    properties.setProperty(KafkaSourceOptions.CLIENT_ID_PREFIX.key(), clientId + "-" + topic);
    return KafkaSource.<RawRecord>builder()
        .setProperties(properties)
        .setBootstrapServers(settings.bootstrapServers())
        .setStartingOffsets(start)
        .setDeserializer(new RawRecordReader());
  }

  /** Returns the sink of answers, dead letters and anchor sets, which share a transaction. */
  public AnswersSink sink() {
    SinkTopics topics = sinkTopics();
    Properties clients = withServers(settings.kafkaProperties());
    return new AnswersSink(
        connectorsSink(topics),
        topics,
        clients,
        new OrphanedTransactions(clients, settings.transactionalIdPrefix()));
  }

  private SinkTopics sinkTopics() {
    return new SinkTopics(
        settings.topics().queries(),
        settings.topics().outputs(),
        settings.topics().deadLetters(),
        settings.topics().anchors());
  }

  /**
   * Returns what sends unanswered queries again; for the command line.
   *
   * @param progress receives the progress in words
   */
  public QueriesAgain queriesAgain(Consumer<String> progress) {
    return new QueriesAgain(
        sinkTopics(),
        withServers(settings.kafkaProperties()),
        withServers(producerProperties()),
        new QueryIds(settings.format()),
        progress);
  }

  private KafkaSink<RawRecord> connectorsSink(SinkTopics topics) {
    KafkaSinkBuilder<RawRecord> sink =
        KafkaSink.<RawRecord>builder()
            .setKafkaProducerConfig(producerProperties())
            .setBootstrapServers(settings.bootstrapServers())
            .setRecordSerializer(new RawRecordWriter(topics.written()));
    if (settings.guarantee() == OnepassOptions.Guarantee.EXACTLY_ONCE) {
      sink.setProperty(
              ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
              Long.toString(settings.transactionTimeout().toMillis()))
          .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
          .setTransactionalIdPrefix(TransactionalIds.ofSink(settings.transactionalIdPrefix()))
          // Reuses a few ids instead of creating new ones for every checkpoint.
          .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING);
    } else {
      sink.setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE);
    }
    return sink.build();
  }

  /**
   * Checks that the brokers answer within 15 seconds and that the topics exist.
   *
   * @return a warning for each topic that the job may not describe
   * @throws dev.onepass.job.options.OptionsException if no broker answers, or if a required topic
   *     is missing
   */
  public List<String> checkTopics() throws InterruptedException {
    return TopicsCheck.check(settings.topics(), withServers(settings.kafkaProperties()));
  }

  /** Returns the size limit of records. */
  public RecordLimit limit() {
    return limit(settings.kafkaProperties(), settings.transactionalIdPrefix());
  }

  /** Returns the anchors topic, which tasks read in addition to the stream. */
  public AnchorsTopic anchorsTopic() {
    return anchorsTopic(settings.transactionalIdPrefix());
  }

  /** Returns a publisher of anchor sets; for the command line. */
  public AnchorsPublisher anchorsPublisher() {
    // The job may be running, so its transactional ids must not be used.
    return new AnchorsPublisher(anchorsTopic(null), withServers(producerProperties()));
  }

  private AnchorsTopic anchorsTopic(String transactionalIdPrefix) {
    return new BrokersAnchorsTopic(
        settings.topics().anchors(),
        withServers(producerProperties()),
        limit(producerProperties(), transactionalIdPrefix));
  }

  private BrokerLimit limit(Properties clients, String transactionalIdPrefix) {
    return new BrokerLimit(
        withServers(clients), transactionalIdPrefix, settings.transactionTimeout());
  }

  /** Returns properties of producers. Their limit admits anchor sets; the topics have their own. */
  private Properties producerProperties() {
    Properties properties = new Properties();
    properties.setProperty(
        ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(AnchorsPublisher.LARGEST_SET));
    properties.putAll(settings.kafkaProperties());
    return properties;
  }

  private Properties withServers(Properties clients) {
    Properties properties = new Properties();
    properties.putAll(clients);
    properties.setProperty(
        CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
    return properties;
  }
}
