package dev.onepass.job.kafka.client;

import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes records to the topic that stands in them, with the time of writing as their timestamp (see
 * {@link RawRecord#toWrite}). It tells which topics these can be, because pooled transactional ids
 * need that: transactions that a crash left open are looked up by topic. They are told as a
 * pattern, for the brokers to say which of them are there: the anchors topic need not be.
 */
public final class RawRecordWriter
    implements KafkaRecordSerializationSchema<RawRecord>, KafkaDatasetFacetProvider {
  private static final long serialVersionUID = 1L;

  private final Pattern topics;

  /**
   * @param topics all that records can be for
   */
  public RawRecordWriter(List<String> topics) {
    this.topics =
        Pattern.compile(topics.stream().map(Pattern::quote).collect(Collectors.joining("|")));
  }

  @Override
  public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
    return Optional.of(
        new DefaultKafkaDatasetFacet(DefaultKafkaDatasetIdentifier.ofPattern(topics)));
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      RawRecord record, KafkaSinkContext context, Long timestamp) {
    return toKafka(record);
  }

  /** Returns the record as a producer wants it: without a timestamp, which the producer adds. */
  public static ProducerRecord<byte[], byte[]> toKafka(RawRecord record) {
    ProducerRecord<byte[], byte[]> out =
        new ProducerRecord<>(record.topic(), record.key(), record.value());
    for (Headers.Header header : record.headers().entries()) {
      out.headers().add(header.name(), header.value());
    }
    return out;
  }
}
