package dev.onepass.job.kafka;

import dev.onepass.job.options.JobSettings;
import dev.onepass.job.options.OnepassOptions;
import dev.onepass.job.records.RecordLimit;
import dev.onepass.operators.event.RawRecord;
import java.util.List;
import java.util.Properties;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Makes the job's sources and its sink. */
public final class Kafka {

  private final JobSettings settings;

  /** Sources and sink for these settings. */
  public Kafka(JobSettings settings) {
    this.settings = settings;
  }

  /**
   * Tokens. A job that starts without a savepoint knows nothing, so it reads all there are,
   * whatever offsets an earlier one committed.
   */
  public KafkaSource<RawRecord> tokens() {
    return source(settings.topics().tokens(), OffsetsInitializer.earliest());
  }

  /** Queries. A job that starts without a savepoint goes on where an earlier one had answered. */
  @SuppressWarnings("deprecation") // The connector's method takes this enum and no other.
  public KafkaSource<RawRecord> queries() {
    return source(
        settings.topics().queries(),
        OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST));
  }

  private KafkaSource<RawRecord> source(String topic, OffsetsInitializer start) {
    Properties properties = new Properties();
    properties.setProperty(ConsumerConfig.GROUP_ID_CONFIG, "onepass");
    // What a producer took back never was.
    properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
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
        .setTopics(topic)
        .setStartingOffsets(start)
        .setDeserializer(new RawRecordReader())
        .build();
  }

  /** Answers and dead letters: one sink, so that one transaction holds both. */
  public KafkaSink<RawRecord> sink() {
    KafkaSinkBuilder<RawRecord> sink =
        KafkaSink.<RawRecord>builder()
            .setKafkaProducerConfig(settings.kafkaProperties())
            .setBootstrapServers(settings.bootstrapServers())
            .setRecordSerializer(
                new RawRecordWriter(
                    List.of(settings.topics().outputs(), settings.topics().deadLetters())));
    if (settings.guarantee() == OnepassOptions.Guarantee.EXACTLY_ONCE) {
      sink.setProperty(
              ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
              Long.toString(settings.transactionTimeout().toMillis()))
          .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
          .setTransactionalIdPrefix(settings.transactionalIdPrefix())
          // The same few ids again and again, instead of new ones with every checkpoint.
          .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING);
    } else {
      sink.setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE);
    }
    return sink.build();
  }

  /** How large a record the brokers take. */
  public RecordLimit limit() {
    Properties properties = new Properties();
    properties.putAll(settings.kafkaProperties());
    properties.setProperty(
        CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
    return new BrokerLimit(properties);
  }
}
