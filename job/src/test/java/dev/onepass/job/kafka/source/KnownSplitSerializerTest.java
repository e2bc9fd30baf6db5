// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class KnownSplitSerializerTest {

  private static final KafkaPartitionSplit SPLIT =
      new KafkaPartitionSplit(new TopicPartition("t", 3), 17, 90);

  private final KnownSplitSerializer serializer = new KnownSplitSerializer();

  private KafkaPartitionSplit copy(KafkaPartitionSplit split) throws IOException {
    return serializer.deserialize(serializer.getVersion(), serializer.serialize(split));
  }

  @Test
  void theTopicsIdIsKept() throws Exception {
    Uuid id = Uuid.randomUuid();
    KafkaPartitionSplit copy = copy(new KnownSplit(SPLIT, id));
    assertThat(copy).isEqualTo(SPLIT);
    assertThat(KnownSplit.topicIdOf(copy)).isEqualTo(id);
  }

  @Test
  void anIdMayBeUnknown() throws Exception {
    assertThat(copy(SPLIT)).isEqualTo(SPLIT);
    assertThat(KnownSplit.topicIdOf(copy(SPLIT))).isNull();
    assertThat(KnownSplit.topicIdOf(copy(new KnownSplit(SPLIT, null)))).isNull();
  }

  @Test
  void markersStayMarkers() throws Exception {
    for (long marker :
        new long[] {KafkaPartitionSplit.EARLIEST_OFFSET, KafkaPartitionSplit.COMMITTED_OFFSET}) {
      KafkaPartitionSplit split = new KafkaPartitionSplit(SPLIT.getTopicPartition(), marker);
      assertThat(copy(split)).isEqualTo(split);
    }
  }

  @Test
  void splitsOfTheConnectorAreRead() throws Exception {
    KafkaPartitionSplitSerializer connector = new KafkaPartitionSplitSerializer();
    KafkaPartitionSplit read =
        serializer.deserialize(connector.getVersion(), connector.serialize(SPLIT));
    assertThat(read).isEqualTo(SPLIT);
    assertThat(serializer.getVersion()).isGreaterThan(connector.getVersion());
  }

  @Test
  void aNewerFormatIsRefused() throws Exception {
    assertThatThrownBy(
            () -> serializer.deserialize(serializer.getVersion() + 1, serializer.serialize(SPLIT)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("version 1001")
        .hasMessageContaining("start the job that wrote it");
  }
}
