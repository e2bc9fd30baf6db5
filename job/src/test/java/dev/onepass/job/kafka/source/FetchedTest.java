// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class FetchedTest {

  private static final TopicPartition PARTITION = new TopicPartition("t", 0);

  private final Fetched fetched = new Fetched();

  private void poll(long next, long... offsets) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (long offset : offsets) {
      records.add(new ConsumerRecord<>("t", 0, offset, null, null));
    }
    fetched.add(
        new ConsumerRecords<>(
            records.isEmpty() ? Map.of() : Map.of(PARTITION, records),
            Map.of(PARTITION, new OffsetAndMetadata(next))));
  }

  @Test
  void markersArePassedAfterAllRecordsBeforeThem() {
    fetched.begin(PARTITION, 10);
    assertThat(fetched.behindMarkers(PARTITION, 10)).isEqualTo(10);
    poll(14, 10, 11, 12);
    assertThat(fetched.behindMarkers(PARTITION, 10)).isEqualTo(10);
    assertThat(fetched.behindMarkers(PARTITION, 12)).isEqualTo(12);
    assertThat(fetched.behindMarkers(PARTITION, 13)).isEqualTo(14);
    poll(20);
    assertThat(fetched.behindMarkers(PARTITION, 13)).isEqualTo(20);
    assertThat(fetched.behindMarkers(PARTITION, 11)).isEqualTo(11);
    poll(26, 24);
    assertThat(fetched.behindMarkers(PARTITION, 13)).isEqualTo(13);
    assertThat(fetched.positions()).containsExactly(Map.entry(PARTITION, 26L));
  }

  @Test
  void leadingMarkersArePassed() {
    fetched.begin(PARTITION, 10);
    poll(13);
    assertThat(fetched.behindMarkers(PARTITION, 10)).isEqualTo(13);
  }

  @Test
  void aPartitionThatIsNotReadStays() {
    poll(13, 12);
    assertThat(fetched.behindMarkers(PARTITION, 5)).isEqualTo(5);
    assertThat(fetched.positions()).isEmpty();
  }

  @Test
  void interceptorsOfTheUserStay() {
    Properties given = new Properties();
    given.setProperty(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG, "a.B, c.D");
    assertThat(
            FetchedInterceptor.noting(fetched, given)
                .get(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG))
        .isEqualTo(List.of(FetchedInterceptor.class, "a.B", "c.D"));
    assertThat(given).containsEntry(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG, "a.B, c.D");
    assertThat(
            FetchedInterceptor.noting(fetched, new Properties())
                .get(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG))
        .isEqualTo(List.of(FetchedInterceptor.class));
  }
}
