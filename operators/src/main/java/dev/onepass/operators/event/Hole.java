package dev.onepass.operators.event;

import java.util.List;

/**
 * Records of a partition that were gone before they were read.
 *
 * <p>A source tells of a hole in the place where the records would have been: between the last
 * record before it and the first one behind it, as a {@link RawRecord} whose offset no record of
 * Kafka can have. So a checkpoint holds either both, the reading position behind the hole and that
 * it is known, or neither.
 *
 * @param topic topic
 * @param partition partition
 * @param end offset at which reading goes on, at least 0
 * @param anew whether the topic was deleted and made anew, so that offsets began at 0 again
 */
public record Hole(String topic, int partition, long end, boolean anew) {

  /** Offsets below this are those of holes; -1 is that of a record which is not written yet. */
  private static final long FIRST = -2;

  private static final Headers ANEW = new Headers(List.of(new Headers.Header("anew", null)));

  /** Returns the hole as its source gives it out. */
  public RawRecord toRecord() {
    return new RawRecord(topic, partition, FIRST - end, -1, null, null, anew ? ANEW : Headers.NONE);
  }

  /** Returns whether this is a hole and no record. */
  public static boolean is(RawRecord record) {
    return record.offset() <= FIRST;
  }

  /** Returns the hole that {@link #toRecord} wrote. */
  public static Hole of(RawRecord record) {
    return new Hole(
        record.topic(),
        record.partition(),
        FIRST - record.offset(),
        !record.headers().entries().isEmpty());
  }
}
