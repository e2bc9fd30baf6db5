// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.onepass.job.kafka.client.RawRecordReader;
import dev.onepass.job.kafka.client.RawRecordWriter;
import dev.onepass.job.options.JobSettings;
import dev.onepass.job.options.SettingsReader;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.streaming.api.lineage.LineageVertex;
import org.apache.flink.streaming.api.lineage.LineageVertexProvider;
import org.apache.flink.util.InstantiationUtil;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class KafkaTest {

  private static Kafka kafka(String... more) {
    Map<String, String> options = new HashMap<>();
    options.put("kafka.bootstrap.servers", "localhost:1");
    options.put("sketch.key-dim", "16");
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    JobSettings settings = SettingsReader.read(options);
    return new Kafka(settings);
  }

  /** Reads topics and client properties from the lineage of sources and sinks. */
  private static DefaultKafkaDatasetFacet facet(LineageVertex vertex) {
    assertThat(vertex.datasets()).hasSize(1);
    return (DefaultKafkaDatasetFacet)
        vertex.datasets().get(0).facets().get(DefaultKafkaDatasetFacet.KAFKA_FACET_NAME);
  }

  private static Properties properties(LineageVertexProvider source) {
    return facet(source.getLineageVertex()).getProperties();
  }

  @Test
  void sourcesReadCommittedRecordsAndCommitWithCheckpoints() {
    Kafka kafka = kafka();
    assertThat(properties(kafka.tokens()))
        .containsEntry("bootstrap.servers", "localhost:1")
        .containsEntry("group.id", "onepass")
        .containsEntry("isolation.level", "read_committed")
        .containsEntry("enable.auto.commit", "false")
        .containsEntry("auto.offset.reset", "none");
    assertThat(properties(kafka.queries()))
        .containsEntry("isolation.level", "read_committed")
        .containsEntry("auto.offset.reset", "none");
    assertThat(facet(kafka.tokens().getLineageVertex()).getTopicIdentifier().toLineageName())
        .isEqualTo("attention.tokens");
    assertThat(facet(kafka.queries().getLineageVertex()).getTopicIdentifier().toLineageName())
        .isEqualTo("attention.queries");
  }

  @Test
  void anchorSetsAreReadFromTheBeginning() {
    assertThat(properties(kafka().anchors()))
        .containsEntry("isolation.level", "read_committed")
        .containsEntry("auto.offset.reset", "earliest")
        .containsEntry("client.id.prefix", "onepass-attention.anchors")
        .containsEntry("partition.discovery.interval.ms", "10000");
    assertThat(
            properties(kafka("kafka.properties.partition.discovery.interval.ms", "500").anchors()))
        .containsEntry("partition.discovery.interval.ms", "500");
    assertThat(
            facet(kafka("topics.anchors", "a").anchors().getLineageVertex())
                .getTopicIdentifier()
                .getTopics())
        .containsExactly("a");
  }

  @Test
  void newPartitionsAreDiscovered() {
    for (LineageVertexProvider source : List.of(kafka().tokens(), kafka().queries())) {
      assertThat(properties(source)).containsEntry("partition.discovery.interval.ms", "10000");
    }
    assertThat(
            properties(kafka("kafka.properties.partition.discovery.interval.ms", "500").tokens()))
        .containsEntry("partition.discovery.interval.ms", "500");
  }

  @Test
  void theProducerAdmitsAnchorSets() {
    assertThat(facet(kafka().sink().getLineageVertex()).getProperties())
        .containsEntry("max.request.size", "25165824");
    assertThat(
            facet(kafka("kafka.properties.max.request.size", "999").sink().getLineageVertex())
                .getProperties())
        .containsEntry("max.request.size", "999");
  }

  @Test
  void clientIdsOfTheSourcesDiffer() {
    for (Kafka kafka :
        List.of(
            kafka(),
            kafka("kafka.properties.client.id", "me"),
            kafka("kafka.properties.group.id", "g"))) {
      assertThat(properties(kafka.tokens()).getProperty("client.id.prefix"))
          .isNotEqualTo(properties(kafka.queries()).getProperty("client.id.prefix"));
    }
    assertThat(properties(kafka("kafka.properties.client.id", "me").tokens()))
        .containsEntry("client.id.prefix", "me-attention.tokens");
    assertThat(properties(kafka("kafka.properties.group.id", "g").tokens()))
        .containsEntry("group.id", "g")
        .containsEntry("client.id.prefix", "g-attention.tokens");
  }

  @Test
  void exactlyOnceSinkIsTransactional() {
    Properties properties =
        facet(
                kafka(
                        "kafka.delivery-guarantee", "exactly-once",
                        "kafka.transactional-id-prefix", "p",
                        "kafka.transaction-timeout", "5 min",
                        "kafka.properties.linger.ms", "7",
                        "kafka.properties.max.poll.records", "9")
                    .sink()
                    .getLineageVertex())
            .getProperties();
    assertThat(properties)
        .containsEntry("bootstrap.servers", "localhost:1")
        .containsEntry("transaction.timeout.ms", "300000")
        .containsEntry("linger.ms", "7");
  }

  @Test
  void theSinkNamesItsTopicsForPooledTransactions() {
    assertThat(
            facet(
                    kafka("topics.outputs", "o", "topics.dead-letters", "d")
                        .sink()
                        .getLineageVertex())
                .getTopicIdentifier()
                .toLineageName())
        .contains("o")
        .contains("d");
    assertThat(new RawRecordWriter(List.of("o", "d")).getKafkaDatasetFacet())
        .hasValueSatisfying(
            facet ->
                // Only existing topics are described, so a missing topic does no harm.
                assertThat(
                        ((DefaultKafkaDatasetFacet) facet).getTopicIdentifier().getTopicPattern())
                    .satisfies(
                        pattern ->
                            assertThat(List.of("o", "d", "od", "o|d", "x"))
                                .filteredOn(topic -> pattern.matcher(topic).matches())
                                .containsExactly("o", "d")));
  }

  @Test
  void theDefaultTimeoutIsTheBrokersDefaultMaximum() {
    assertThat(
            facet(
                    kafka(
                            "kafka.delivery-guarantee", "exactly-once",
                            "kafka.transactional-id-prefix", "p")
                        .sink()
                        .getLineageVertex())
                .getProperties())
        .containsEntry("transaction.timeout.ms", "900000");
  }

  @Test
  void sourcesAndSinkAreSerializable() throws Exception {
    Kafka kafka =
        kafka(
            "kafka.delivery-guarantee", "exactly-once",
            "kafka.transactional-id-prefix", "p");
    for (Object shipped :
        List.of(
            kafka.tokens(),
            kafka.queries(),
            kafka.anchors(),
            kafka.anchorsTopic(),
            kafka.sink(),
            kafka.limit())) {
      assertThat(InstantiationUtil.clone((Serializable) shipped)).isNotNull();
    }
  }

  @Test
  void recordsAreReadAndWrittenUnchanged() throws Exception {
    RecordHeaders headers = new RecordHeaders();
    headers.add("a", new byte[] {1}).add("a", null);
    List<RawRecord> read = new ArrayList<>();
    new RawRecordReader()
        .deserialize(
            new ConsumerRecord<>(
                "t",
                4,
                17L,
                99L,
                TimestampType.CREATE_TIME,
                -1,
                -1,
                new byte[] {(byte) 0xff},
                null,
                headers,
                Optional.empty()),
            new ListCollector<>(read));
    assertThat(read)
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.topic()).isEqualTo("t");
              assertThat(record.partition()).isEqualTo(4);
              assertThat(record.offset()).isEqualTo(17);
              assertThat(record.timestamp()).isEqualTo(99);
              assertThat(record.key()).isEqualTo(new byte[] {(byte) 0xff});
              assertThat(record.value()).isNull();
              assertThat(record.headers().entries())
                  .extracting(Headers.Header::name)
                  .containsExactly("a", "a");
            });

    ProducerRecord<byte[], byte[]> written =
        new RawRecordWriter(List.of("t")).serialize(read.get(0), null, 5L);
    assertThat(written.topic()).isEqualTo("t");
    assertThat(written.partition()).isNull();
    assertThat(written.timestamp()).isNull();
    assertThat(written.key()).isEqualTo(new byte[] {(byte) 0xff});
    assertThat(written.value()).isNull();
    assertThat(written.headers().toArray())
        .extracting(Header::key, Header::value)
        .containsExactly(tuple("a", new byte[] {1}), tuple("a", null));
  }

  @Test
  void recordsWithoutHeadersShareTheEmptyOnes() {
    List<RawRecord> read = new ArrayList<>();
    new RawRecordReader()
        .deserialize(new ConsumerRecord<>("t", 0, 0, null, new byte[0]), new ListCollector<>(read));
    assertThat(read.get(0).headers()).isSameAs(Headers.NONE);
  }
}
