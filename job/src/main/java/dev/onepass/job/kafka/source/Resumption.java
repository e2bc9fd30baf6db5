// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import dev.onepass.operators.event.Hole;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.common.Uuid;

/**
 * Decides where to continue reading a partition, from its split and the offsets that the brokers
 * still have.
 *
 * @param split split with the offset to continue at; never a marker
 * @param kind state of the partition
 * @param from offset up to which the partition was read; negative if it was not read
 * @param lost number of offsets that were deleted before they were read, as far as the current
 *     topic shows
 */
record Resumption(KnownSplit split, Kind kind, long from, long lost) {

  /** The state of a partition. */
  enum Kind {
    /** Nothing is missing, or nothing was read yet. */
    WHOLE,
    /** Records were deleted before they were read. */
    DELETED,
    /** The topic was deleted and created again. */
    TOPIC_RECREATED,
    /** The brokers lost records that were read before, as after an unclean leader election. */
    CUT_BACK
  }

  /** Returns where to continue reading a split. */
  static Resumption of(KafkaPartitionSplit split, Uuid topicId, TopicState.Offsets there) {
    long from = split.getStartingOffset();
    Uuid known = KnownSplit.topicIdOf(split);
    boolean another = known != null && topicId != null && !known.equals(topicId);
    if (from < 0) {
      return new Resumption(at(split, fresh(from, there), topicId), Kind.WHOLE, from, 0);
    }
    if (another || (from > there.end() && (known == null || topicId == null))) {
      return new Resumption(
          at(split, there.beginning(), topicId), Kind.TOPIC_RECREATED, from, there.beginning());
    }
    if (from < there.beginning()) {
      return new Resumption(
          at(split, there.beginning(), topicId), Kind.DELETED, from, there.beginning() - from);
    }
    if (from > there.end()) {
      return new Resumption(at(split, there.end(), topicId), Kind.CUT_BACK, from, 0);
    }
    return new Resumption(at(split, from, topicId), Kind.WHOLE, from, 0);
  }

  /** Returns the start offset of a partition that was never read. */
  private static long fresh(long marker, TopicState.Offsets there) {
    if (marker == KafkaPartitionSplit.COMMITTED_OFFSET
        && there.committed() != null
        && there.has(there.committed())) {
      return there.committed();
    }
    // The connector no longer creates these splits, but old savepoints may contain them.
    return marker == -1 ? there.end() : there.beginning();
  }

  private static KnownSplit at(KafkaPartitionSplit split, long offset, Uuid topicId) {
    return new KnownSplit(split, offset, topicId == null ? KnownSplit.topicIdOf(split) : topicId);
  }

  /** Returns whether records were, or may have been, deleted before they were read. */
  boolean isHole() {
    return kind == Kind.DELETED || kind == Kind.TOPIC_RECREATED;
  }

  /** Returns the hole to report downstream. */
  Hole hole() {
    return new Hole(
        split.getTopic(),
        split.getPartition(),
        split.getStartingOffset(),
        kind == Kind.TOPIC_RECREATED);
  }

  /** Returns what happened, as a sentence without a full stop. */
  String sentence() {
    String partition = "topic %s, partition %d".formatted(split.getTopic(), split.getPartition());
    return switch (kind) {
      case WHOLE -> partition + ": nothing is missing";
      case DELETED ->
          "%s: Kafka deleted %d records, offsets %d to %d, before they were read"
              .formatted(partition, lost, from, split.getStartingOffset() - 1);
      case TOPIC_RECREATED ->
          "%s: the topic was deleted and created again after it had been read up to offset %d; an unknown number of records of the old topic and %d of the new one were not read"
              .formatted(partition, from, lost);
      case CUT_BACK ->
          "%s: the brokers lost offsets %d to %d after they had been read, as in an unclean leader election; the effects of these records stay"
              .formatted(partition, split.getStartingOffset(), from - 1);
    };
  }
}
