package dev.onepass.job.kafka;

import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes records to the topic that stands in them. It says which topics these are, because after a
 * restart the sink looks for transactions that were left open on them.
 */
final class RawRecordWriter
    implements KafkaRecordSerializationSchema<Origin>, KafkaDatasetFacetProvider {
  private static final long serialVersionUID = 1L;

  private final ArrayList<String> topics;

  RawRecordWriter(List<String> topics) {
    this.topics = new ArrayList<>(topics);
  }

  @Override
  public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
    return Optional.of(
        new DefaultKafkaDatasetFacet(DefaultKafkaDatasetIdentifier.ofTopics(topics)));
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      Origin record, KafkaSinkContext context, Long timestamp) {
    ProducerRecord<byte[], byte[]> out =
        new ProducerRecord<>(record.topic(), record.key(), record.value());
    for (Headers.Header header : record.headers().entries()) {
      out.headers().add(header.name(), header.value());
    }
    return out;
  }
}
