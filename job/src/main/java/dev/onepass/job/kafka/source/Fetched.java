package dev.onepass.job.kafka.source;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * How far a consumer has come in each of its partitions. A position may be behind offsets that hold
 * no record for anybody: ends of transactions, and what producers took back. Written by the thread
 * that polls, read by others.
 */
final class Fetched {

  private final Map<TopicPartition, Progress> partitions = new ConcurrentHashMap<>();

  /**
   * Progress of a partition.
   *
   * @param records offset behind the last record that was fetched
   * @param position offset that is fetched next
   */
  private record Progress(long records, long position) {}

  /** Notes where a partition begins. */
  void begin(TopicPartition partition, long offset) {
    partitions.put(partition, new Progress(offset, offset));
  }

  /** Notes what a poll brought. */
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
   * Returns where reading goes on for whoever has all records below an offset: that offset, or the
   * position if there were no records in between.
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
