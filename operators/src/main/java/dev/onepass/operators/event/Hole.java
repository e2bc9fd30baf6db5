// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

import java.util.List;

/**
 * A hole: a range of offsets of a partition whose records were deleted before they were read.
 *
 * <p>A source emits a hole between the last record before it and the first record after it, as a
 * {@link RawRecord} with an offset that no Kafka record can have. A checkpoint therefore holds
 * either both the hole and the reading position after it, or neither.
 *
 * @param topic topic of the partition
 * @param partition partition, from 0
 * @param end offset at which reading continues, at least 0
 * @param topicRecreated whether the topic was deleted and created again, so that offsets restarted
 *     at 0
 */
public record Hole(String topic, int partition, long end, boolean topicRecreated) {

  /** Highest offset of a hole. Offset -1 belongs to records that are not written yet. */
  private static final long FIRST = -2;

  /** The name of the header stays: checkpoints may hold it. */
  private static final Headers RECREATED = new Headers(List.of(new Headers.Header("anew", null)));

  /** Returns the record in which the hole travels. */
  public RawRecord toRecord() {
    Headers headers = topicRecreated ? RECREATED : Headers.NONE;
    return new RawRecord(topic, partition, FIRST - end, -1, null, null, headers);
  }

  /** Returns whether a record carries a hole. */
  public static boolean is(RawRecord record) {
    return record.offset() <= FIRST;
  }

  /** Returns the hole that a record carries. */
  public static Hole of(RawRecord record) {
    return new Hole(
        record.topic(),
        record.partition(),
        FIRST - record.offset(),
        !record.headers().entries().isEmpty());
  }
}
