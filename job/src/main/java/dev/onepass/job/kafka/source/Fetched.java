// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * Tracks the progress of a consumer in each partition. A position may lie beyond offsets without a
 * readable record: transaction markers and aborted records. The polling thread writes, others read.
 */
final class Fetched {

  private final Map<TopicPartition, Progress> partitions = new ConcurrentHashMap<>();

  /**
   * Progress in a partition.
   *
   * @param records offset after the last fetched record
   * @param position offset to fetch next
   */
  private record Progress(long records, long position) {}

  /** Sets the start of a partition. */
  void begin(TopicPartition partition, long offset) {
    partitions.put(partition, new Progress(offset, offset));
  }

  /** Adds the result of a poll. */
  void add(ConsumerRecords<byte[], byte[]> polled) {
    polled
        .nextOffsets()
        .forEach(
            (partition, next) ->
                partitions.computeIfPresent(
                    partition,
                    (same, before) ->
                        new Progress(
                            behindLast(polled, partition, before.records), next.offset())));
  }

  private static long behindLast(
      ConsumerRecords<byte[], byte[]> polled, TopicPartition partition, long otherwise) {
    List<ConsumerRecord<byte[], byte[]>> records = polled.records(partition);
    if (records.isEmpty()) {
      return otherwise;
    }
    ConsumerRecord<byte[], byte[]> last = records.get(records.size() - 1);
    return last.offset() + 1;
  }

  /**
   * Returns where to continue after all records below an offset: at the position if there are no
   * records in between, or else at the offset.
   */
  long behindMarkers(TopicPartition partition, long offset) {
    Progress progress = partitions.get(partition);
    return progress == null || progress.records > offset
        ? offset
        : Math.max(offset, progress.position);
  }

  /** Returns the position of each partition. */
  Map<TopicPartition, Long> positions() {
    Map<TopicPartition, Long> positions = new HashMap<>();
    partitions.forEach((partition, progress) -> positions.put(partition, progress.position));
    return positions;
  }
}
