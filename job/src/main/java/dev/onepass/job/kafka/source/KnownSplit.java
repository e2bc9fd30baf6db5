package dev.onepass.job.kafka.source;

import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.common.Uuid;

/**
 * A partition that is read, and the id of the topic that its offset belongs to: a topic that is
 * deleted and made anew keeps its name and gets another id.
 */
final class KnownSplit extends KafkaPartitionSplit {

  private final Uuid topicId;

  /** The same split, of the topic with this id. */
  KnownSplit(KafkaPartitionSplit split, Uuid topicId) {
    this(split, split.getStartingOffset(), topicId);
  }

  /** The same split, beginning at this offset of the topic with this id. */
  KnownSplit(KafkaPartitionSplit split, long startingOffset, Uuid topicId) {
    super(
        split.getTopicPartition(),
        startingOffset,
        split.getStoppingOffset().orElse(NO_STOPPING_OFFSET));
    this.topicId = topicId;
  }

  /** Returns the id of a split's topic, or null where it is not known. */
  static Uuid topicIdOf(KafkaPartitionSplit split) {
    return split instanceof KnownSplit known ? known.topicId : null;
  }
}
