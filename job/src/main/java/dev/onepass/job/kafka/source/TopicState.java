package dev.onepass.job.kafka.source;

import java.util.Map;
import org.apache.kafka.common.Uuid;

/**
 * What the brokers tell of a topic.
 *
 * @param id of the topic, or null where brokers know none
 * @param partitions those that are there
 */
record TopicState(Uuid id, Map<Integer, Offsets> partitions) {

  /**
   * Offsets of a partition.
   *
   * @param beginning of the first record that is still there
   * @param end behind the last record that all replicas have
   * @param committed where the group of the job went on last, or null
   */
  record Offsets(long beginning, long end, Long committed) {

    /** Returns whether reading can go on at this offset. */
    boolean has(long offset) {
      return offset >= beginning && offset <= end;
    }
  }
}
