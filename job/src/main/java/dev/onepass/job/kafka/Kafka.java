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

/** Makes the job's sources and its sink. */
public final class Kafka {

  /** Topics and their partitions are looked for so often: new ones are read soon. */
  private static final String DISCOVERY_MILLIS = "10000";

  private final JobSettings settings;

  /** Sources and sink for these settings. */
  public Kafka(JobSettings settings) {
    this.settings = settings;
  }

  /**
   * Tokens. A job that starts without a savepoint knows nothing, so it reads all there are,
   * whatever offsets an earlier one committed. Tokens that were gone before they were read are told
   * among the others, as holes.
   */
  public WatchedSource tokens() {
    return watched(settings.topics().tokens(), new FromBeginning(), true);
  }

  /**
   * Queries. A job that starts without a savepoint goes on where an earlier one had answered, or
   * from the beginning.
   */
  @SuppressWarnings("deprecation") // The connector's method takes this enum and no other.
  public WatchedSource queries() {
    return watched(
        settings.topics().queries(),
        OffsetsInitializer.committedOffsets(OffsetResetStrategy.NONE),
        false);
  }

  /** Anchor sets: all there are, and the topic need not be there. */
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
    // What a producer took back never was.
    properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.setProperty(
        KafkaSourceOptions.PARTITION_DISCOVERY_INTERVAL_MS.key(), DISCOVERY_MILLIS);
    properties.putAll(settings.kafkaProperties());
    // Both sources may run in one process, where two clients of one id are in each other's way.
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

  /** Answers, dead letters and anchor sets: one sink, so that one transaction holds them. */
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
   * Asks queries again that have no answer; for the command line.
   *
   * @param progress is told in words how far it is
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
          // The same few ids again and again, instead of new ones with every checkpoint.
          .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING);
    } else {
      sink.setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE);
    }
    return sink.build();
  }

  /**
   * Looks for the brokers and the topics, within a quarter of a minute.
   *
   * @return a sentence for each topic that the brokers do not tell of
   * @throws dev.onepass.job.options.OptionsException if no broker answers, or a topic that must be
   *     there is not
   */
  public List<String> checkTopics() throws InterruptedException {
    return TopicsCheck.check(settings.topics(), withServers(settings.kafkaProperties()));
  }

  /** How large a record the brokers take. */
  public RecordLimit limit() {
    return limit(settings.kafkaProperties(), settings.transactionalIdPrefix());
  }

  /** The topic of anchor sets, as tasks see it beside the stream. */
  public AnchorsTopic anchorsTopic() {
    return anchorsTopic(settings.transactionalIdPrefix());
  }

  /** Writes anchor sets to that topic; for the command line. */
  public AnchorsPublisher anchorsPublisher() {
    // Not with the job's transactional ids, because the job may be running.
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

  /** The topics bound what is written; the producer lets through what the anchors topic takes. */
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
