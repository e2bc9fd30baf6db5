// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HexFormat;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class TransactionSerializerTest {

  private static final SimpleVersionedSerializer<KafkaCommittable> CONNECTORS =
      KafkaSink.<byte[]>builder()
          .setBootstrapServers("localhost:1")
          .setRecordSerializer(
              (KafkaRecordSerializationSchema<byte[]>)
                  (element, context, timestamp) -> new ProducerRecord<>("t", element))
          .build()
          .getCommittableSerializer();

  private static final KafkaCommittable COMMITTABLE =
      new KafkaCommittable(77, (short) 3, "job-0-1", null);

  private final TransactionSerializer serializer = new TransactionSerializer(CONNECTORS);

  @Test
  void transactionsRoundTrip() throws IOException {
    Interval queries = new Interval();
    queries.add(0, new Interval.Offsets(5, 9));
    queries.add(12, Long.MAX_VALUE - 1);
    Contents contents = new Contents(4, 1, queries, new Place("outputs", 3, 1L << 40));
    for (Contents each : new Contents[] {contents, Contents.UNKNOWN}) {
      Transaction transaction = new Transaction(COMMITTABLE, each);
      assertThat(serializer.deserialize(serializer.getVersion(), serializer.serialize(transaction)))
          .isEqualTo(transaction);
    }
  }

  /** The connector's form, version 1: epoch, producer id, transactional id. */
  @Test
  void transactionsOfOlderSavepointsAreRead() throws IOException {
    byte[] old = HexFormat.of().parseHex("0003" + "000000000000004d" + "00076a6f622d302d31");
    assertThat(CONNECTORS.serialize(COMMITTABLE)).isEqualTo(old);
    assertThat(CONNECTORS.getVersion()).isLessThan(TransactionSerializer.FIRST_VERSION);

    assertThat(serializer.deserialize(1, old))
        .isEqualTo(new Transaction(COMMITTABLE, Contents.UNKNOWN));
  }

  @Test
  void newerVersionsAreRefused() {
    assertThatThrownBy(
            () -> serializer.deserialize(TransactionSerializer.FIRST_VERSION + 1, new byte[0]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Unknown version 1001");
  }
}
