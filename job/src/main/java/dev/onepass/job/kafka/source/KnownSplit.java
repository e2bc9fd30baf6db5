// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.common.Uuid;

/**
 * A partition with the id of the topic that its offset belongs to. A topic that is deleted and
 * created again keeps its name but gets another id.
 */
final class KnownSplit extends KafkaPartitionSplit {

  private final Uuid topicId;

  /** Copies a split, with the id of its topic. */
  KnownSplit(KafkaPartitionSplit split, Uuid topicId) {
    this(split, split.getStartingOffset(), topicId);
  }

  /** Copies a split, with another start offset and the id of its topic. */
  KnownSplit(KafkaPartitionSplit split, long startingOffset, Uuid topicId) {
    super(
        split.getTopicPartition(),
        startingOffset,
        split.getStoppingOffset().orElse(NO_STOPPING_OFFSET));
    this.topicId = topicId;
  }

  /** Returns the id of a split's topic, or null if it is not known. */
  static Uuid topicIdOf(KafkaPartitionSplit split) {
    return split instanceof KnownSplit known ? known.topicId : null;
  }
}
