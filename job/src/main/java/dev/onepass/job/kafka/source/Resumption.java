package dev.onepass.job.kafka.source;

import dev.onepass.operators.event.Hole;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.common.Uuid;

/**
 * How reading of a partition goes on, given what its split covers and what the brokers still have.
 *
 * @param split begins where reading goes on; never at a marker
 * @param kind what was found
 * @param from offset up to which the partition had been read, negative if it had not been
 * @param lost offsets that were gone before they were read, as far as the topic that is there now
 *     tells
 */
record Resumption(KnownSplit split, Kind kind, long from, long lost) {

  /** What was found. */
  enum Kind {
    /** Nothing is missing, or nothing had been read yet. */
    WHOLE,
    /** Records were deleted before they were read. */
    DELETED,
    /** The topic was deleted and made anew. */
    ANEW,
    /** The brokers lost records that had been read, as after an unclean leader election. */
    CUT_BACK
  }

  /** Returns how reading of a split goes on. */
  static Resumption of(KafkaPartitionSplit split, Uuid topicId, TopicState.Offsets there) {
    long from = split.getStartingOffset();
    Uuid known = KnownSplit.topicIdOf(split);
    boolean another = known != null && topicId != null && !known.equals(topicId);
    if (from < 0) {
      return new Resumption(at(split, fresh(from, there), topicId), Kind.WHOLE, from, 0);
    }
    if (another || from > there.end() && (known == null || topicId == null)) {
      return new Resumption(
          at(split, there.beginning(), topicId), Kind.ANEW, from, there.beginning());
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

  /** Where a partition begins that was never read. */
  private static long fresh(long marker, TopicState.Offsets there) {
    if (marker == KafkaPartitionSplit.COMMITTED_OFFSET
        && there.committed() != null
        && there.has(there.committed())) {
      return there.committed();
    }
    // The connector no longer makes such splits, but old savepoints may hold them.
    return marker == -1 ? there.end() : there.beginning();
  }

  private static KnownSplit at(KafkaPartitionSplit split, long offset, Uuid topicId) {
    return new KnownSplit(split, offset, topicId == null ? KnownSplit.topicIdOf(split) : topicId);
  }

  /** Returns whether records were gone, or may have been, before they were read. */
  boolean isHole() {
    return kind == Kind.DELETED || kind == Kind.ANEW;
  }

  /** Returns what is to be told behind the source. */
  Hole hole() {
    return new Hole(
        split.getTopic(), split.getPartition(), split.getStartingOffset(), kind == Kind.ANEW);
  }

  /** Returns what happened, in a sentence without its end. */
  String sentence() {
    String partition = "topic %s, partition %d".formatted(split.getTopic(), split.getPartition());
    return switch (kind) {
      case WHOLE -> partition + ": nothing is missing";
      case DELETED ->
          "%s: Kafka deleted %d records, offsets %d to %d, before they were read"
              .formatted(partition, lost, from, split.getStartingOffset() - 1);
      case ANEW ->
          "%s: the topic was deleted and made anew after it had been read up to offset %d; how many records of the old one were not read is not known, and %d of the new one are gone already"
              .formatted(partition, from, lost);
      case CUT_BACK ->
          "%s: the brokers lost offsets %d to %d, which had been read, as they do after an unclean leader election; what was made of these records stays"
              .formatted(partition, split.getStartingOffset(), from - 1);
    };
  }
}
