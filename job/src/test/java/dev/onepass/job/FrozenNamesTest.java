// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.job.kafka.Kafka;
import dev.onepass.job.options.SettingsReader;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pins names, versions and bytes that savepoints contain. Never change one of these literals: state
 * of older savepoints would be lost. Versions may grow if the older ones stay readable.
 */
class FrozenNamesTest {

  private static final Kafka KAFKA =
      new Kafka(
          SettingsReader.read(
              Map.of("kafka.bootstrap.servers", "localhost:1", "sketch.key-dim", "16")));

  /** Savepoints find state by the uid on the left; the name on the right may change. */
  @ParameterizedTest
  @ValueSource(strings = {"at-least-once", "exactly-once"})
  void uidsOfOperators(String guarantee) {
    assertThat(uids(guarantee, Map.of()))
        .containsExactlyInAnyOrder(
            "tokens-source = Source: Read tokens",
            "tokens-decode = Decode tokens",
            "queries-source = Source: Read queries",
            "queries-decode = Decode queries",
            "tokens-sample = Sample tokens",
            "queries-sample = Sample queries",
            "anchors-source = Source: Read anchors",
            "anchors-decode = Decode anchors",
            "anchors-learner = Learn anchor sets",
            "sequences = Fold tokens, answer queries",
            "tokens-route = Route tokens",
            "queries-route = Route queries",
            "shards-merge = Merge answers of shards",
            "encode = Encode answers",
            "encode-merged = Encode merged answers",
            "dead-letters = Encode dead letters",
            "sink = Answers and dead letters: Writer",
            "Sink Committer: sink = Answers and dead letters: Committer");
  }

  @Test
  void uidOfTheOperatorOfEventTimeOrder() {
    List<String> arrival = uids("at-least-once", Map.of());
    List<String> eventTime = uids("at-least-once", Map.of("order.mode", "event-time"));
    assertThat(eventTime).containsAll(arrival).hasSize(arrival.size() + 1);
    assertThat(eventTime).anyMatch(uid -> uid.startsWith("order = "));
  }

  private static List<String> uids(String guarantee, Map<String, String> options) {
    return nodes(guarantee, options).stream()
        .map(node -> node.getTransformationUID() + " = " + node.getOperatorName())
        .toList();
  }

  private static List<StreamNode> nodes(String guarantee, Map<String, String> options) {
    return List.copyOf(
        PipelineTest.environment(guarantee, options).getStreamGraph().getStreamNodes());
  }

  /** Keyed state stores the class name of the snapshot of its key serializer. */
  @Test
  void snapshotsOfKeySerializers() {
    Map<String, String> snapshots =
        nodes("exactly-once", Map.of("order.mode", "event-time")).stream()
            .filter(node -> node.getStateKeySerializer() != null)
            .collect(
                Collectors.toMap(
                    StreamNode::getTransformationUID,
                    node -> snapshot(node.getStateKeySerializer())));
    assertThat(snapshots)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "sequences", "dev.onepass.operators.event.SequenceKeySerializer$Snapshot",
                "order", "dev.onepass.operators.event.SequenceKeySerializer$Snapshot",
                "shards-merge",
                    "org.apache.flink.api.common.typeutils.base.StringSerializer$StringSerializerSnapshot",
                "anchors-learner",
                    "org.apache.flink.api.common.typeutils.base.StringSerializer$StringSerializerSnapshot"));
  }

  private static String snapshot(TypeSerializer<?> serializer) {
    return serializer.snapshotConfiguration().getClass().getName();
  }

  @Test
  void versionsOfTheSerializersOfSourcesAndSink() {
    assertThat(KAFKA.tokens().getSplitSerializer().getVersion()).isEqualTo(1000);
    assertThat(KAFKA.queries().getSplitSerializer().getVersion()).isEqualTo(1000);
    assertThat(KAFKA.tokens().getEnumeratorCheckpointSerializer().getVersion()).isEqualTo(3);
    assertThat(KAFKA.sink().getCommittableSerializer().getVersion()).isEqualTo(1000);
    assertThat(KAFKA.sink().getWriterStateSerializer().getVersion()).isEqualTo(2);
  }

  /** The id of the topic (unknown here), the connector's version and the connector's bytes. */
  @Test
  void bytesOfSplits() throws IOException {
    SimpleVersionedSerializer<KafkaPartitionSplit> serializer = KAFKA.tokens().getSplitSerializer();
    KafkaPartitionSplit split = new KafkaPartitionSplit(new TopicPartition("t", 3), 17, 90);
    assertThat(HexFormat.of().formatHex(serializer.serialize(split)))
        .isEqualTo(
            "00000000000000000000000000000000"
                + "00000000"
                + "000174"
                + "00000003"
                + "0000000000000011"
                + "000000000000005a");
  }
}
