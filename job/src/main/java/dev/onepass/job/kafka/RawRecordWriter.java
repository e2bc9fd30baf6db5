package dev.onepass.job.kafka;

import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.Origin;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes records to the topic that stands in them. */
final class RawRecordWriter implements KafkaRecordSerializationSchema<Origin> {
  private static final long serialVersionUID = 1L;

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
