// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.records;

import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import java.io.Serializable;
import org.apache.flink.api.common.functions.RuntimeContext;

/** The size limit of records. */
public interface RecordLimit extends Serializable {

  /** Upper bound on the bytes of a batch with one record around key, value and headers. */
  int BATCH_OVERHEAD = 256;

  /** Upper bound on the bytes around each header. */
  int HEADER_OVERHEAD = 10;

  /** Incompressible bytes grow by less than one in this many when a producer compresses them. */
  int INCOMPRESSIBLE = 1024;

  /**
   * Returns the maximum size of a record of a topic in bytes, including overhead. If the topic's
   * own limit is not known, the topic may accept less.
   */
  int bytes(String topic);

  /**
   * Opens the gate for a task's records of a topic.
   *
   * @param topic name of the topic
   * @param context context of the task
   */
  default TopicGate open(String topic, RuntimeContext context) {
    return new KnownLimit(bytes(topic));
  }

  /** Returns the bytes of a record on the brokers, rounded up. */
  static long bytes(RawRecord record) {
    long bytes = plainBytes(record);
    return bytes + bytes / INCOMPRESSIBLE;
  }

  /** Returns the number of bytes that can be added to a record within the limit. */
  static int room(RawRecord record, int limit) {
    int plain = limit - (int) ((limit + 1L) / (INCOMPRESSIBLE + 1));
    return (int) Math.max(0, plain - plainBytes(record));
  }

  private static long plainBytes(RawRecord record) {
    long bytes = BATCH_OVERHEAD;
    bytes += record.key() == null ? 0 : record.key().length;
    bytes += record.value() == null ? 0 : record.value().length;
    for (Headers.Header header : record.headers().entries()) {
      bytes += HEADER_OVERHEAD + 3L * header.name().length();
      bytes += header.value() == null ? 0 : header.value().length;
    }
    return bytes;
  }
}
