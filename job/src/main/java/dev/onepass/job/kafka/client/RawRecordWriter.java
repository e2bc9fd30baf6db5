// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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
 * Writes each record to the topic that it names, with the time of writing as its timestamp (see
 * {@link RawRecord#toWrite}). It tells the connector all possible topics, because pooled
 * transactional ids need them: after a crash, the connector looks up open transactions by topic. It
 * does so by a pattern, since the anchors topic may not exist.
 */
public final class RawRecordWriter
    implements KafkaRecordSerializationSchema<RawRecord>, KafkaDatasetFacetProvider {
  private static final long serialVersionUID = 1L;

  private final Pattern topics;

  /**
   * @param topics all topics that records may name
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

  /** Returns the record for a producer, without a timestamp, which the producer adds. */
  public static ProducerRecord<byte[], byte[]> toKafka(RawRecord record) {
    ProducerRecord<byte[], byte[]> out =
        new ProducerRecord<>(record.topic(), record.key(), record.value());
    for (Headers.Header header : record.headers().entries()) {
      out.headers().add(header.name(), header.value());
    }
    return out;
  }
}
