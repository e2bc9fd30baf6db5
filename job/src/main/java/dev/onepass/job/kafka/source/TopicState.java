// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import java.util.Map;
import org.apache.kafka.common.Uuid;

/**
 * The state of a topic on the brokers.
 *
 * @param id id of the topic, or null if the brokers do not know ids
 * @param partitions offsets of the existing partitions
 */
record TopicState(Uuid id, Map<Integer, Offsets> partitions) {

  /**
   * The offsets of a partition.
   *
   * @param beginning offset of the first record
   * @param end offset after the last record that all replicas have
   * @param committed committed offset of the job's group, or null
   */
  record Offsets(long beginning, long end, Long committed) {

    /** Returns whether reading can continue at this offset. */
    boolean has(long offset) {
      return offset >= beginning && offset <= end;
    }
  }
}
