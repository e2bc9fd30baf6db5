// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import dev.onepass.job.options.OnepassOptions;
import dev.onepass.operators.event.RawRecord;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.lineage.LineageVertex;
import org.apache.flink.streaming.api.lineage.LineageVertexProvider;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/**
 * The connector's source for one topic, which also detects records that were deleted before they
 * were read. It restores state of the connector's source, and discovers partitions in the same way.
 */
public final class WatchedSource
    implements Source<RawRecord, KafkaPartitionSplit, KafkaSourceEnumState>,
        ResultTypeQueryable<RawRecord>,
        LineageVertexProvider {
  private static final long serialVersionUID = 1L;

  /**
   * A topic that is created again and outgrows the old one within this time is detected too late.
   */
  private static final Duration EVERY = Duration.ofSeconds(5);

  private final KafkaSource<RawRecord> source;
  private final KafkaRecordDeserializationSchema<RawRecord> deserializer;
  private final String topic;
  private final Properties properties;
  private final OnepassOptions.LostRecords lostRecords;
  private final boolean tellsHoles;
  private final Duration every;

  /**
   * Watches the topic of a source.
   *
   * @param source source of one topic, whose consumer does not reset offsets ({@code
   *     auto.offset.reset} is none)
   * @param deserializer deserializer of that source
   * @param topic topic of that source
   * @param lostRecords reaction to lost records
   * @param tellsHoles whether to emit holes among the records
   */
  public WatchedSource(
      KafkaSource<RawRecord> source,
      KafkaRecordDeserializationSchema<RawRecord> deserializer,
      String topic,
      OnepassOptions.LostRecords lostRecords,
      boolean tellsHoles) {
    this(source, deserializer, topic, lostRecords, tellsHoles, EVERY);
  }

  /** Watches the topic of a source, with this interval between two looks. */
  WatchedSource(
      KafkaSource<RawRecord> source,
      KafkaRecordDeserializationSchema<RawRecord> deserializer,
      String topic,
      OnepassOptions.LostRecords lostRecords,
      boolean tellsHoles,
      Duration every) {
    this.source = source;
    this.deserializer = deserializer;
    this.topic = topic;
    properties = propertiesOf(source);
    this.lostRecords = lostRecords;
    this.tellsHoles = tellsHoles;
    this.every = every;
  }

  /** Returns the properties of the source's consumers, which only its lineage exposes. */
  private static Properties propertiesOf(KafkaSource<RawRecord> source) {
    DefaultKafkaDatasetFacet facet =
        (DefaultKafkaDatasetFacet)
            source
                .getLineageVertex()
                .datasets()
                .get(0)
                .facets()
                .get(DefaultKafkaDatasetFacet.KAFKA_FACET_NAME);
    return facet.getProperties();
  }

  @Override
  public SourceReader<RawRecord, KafkaPartitionSplit> createReader(SourceReaderContext context) {
    Clock clock = Clock.systemUTC();
    Behind behind =
        new Behind(
            "read_committed".equals(properties.getProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG)));
    TopicWatch watch =
        new TopicWatch(
            "watch of topic " + topic + ", subtask " + context.getIndexOfSubtask(),
            topic,
            new Brokers(topic, properties),
            behind,
            every,
            clock);
    RenewableReaderMetrics metrics = new RenewableReaderMetrics(context.metricGroup());
    Set<String> paused = ConcurrentHashMap.newKeySet();
    return new WatchedReader(
        () -> new ConnectorReader(properties, deserializer, paused, context, metrics),
        paused,
        watch,
        new SourceMetrics(context.metricGroup(), behind, clock),
        lostRecords,
        tellsHoles);
  }

  @Override
  public Boundedness getBoundedness() {
    return source.getBoundedness();
  }

  @Override
  public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> createEnumerator(
      SplitEnumeratorContext<KafkaPartitionSplit> context) {
    return source.createEnumerator(context);
  }

  @Override
  public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> restoreEnumerator(
      SplitEnumeratorContext<KafkaPartitionSplit> context, KafkaSourceEnumState state)
      throws IOException {
    return source.restoreEnumerator(context, state);
  }

  @Override
  public SimpleVersionedSerializer<KafkaPartitionSplit> getSplitSerializer() {
    return new KnownSplitSerializer();
  }

  @Override
  public SimpleVersionedSerializer<KafkaSourceEnumState> getEnumeratorCheckpointSerializer() {
    return source.getEnumeratorCheckpointSerializer();
  }

  @Override
  public TypeInformation<RawRecord> getProducedType() {
    return source.getProducedType();
  }

  @Override
  public LineageVertex getLineageVertex() {
    return source.getLineageVertex();
  }
}
