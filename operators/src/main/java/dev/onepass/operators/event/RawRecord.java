// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

/**
 * A record of a topic with its raw bytes: one that was read, which a dead letter can return, or one
 * that will be written.
 *
 * @param topic topic of the record
 * @param partition partition, from 0; in a record to write, the partition of the record that it
 *     answers, or -1
 * @param offset offset; in a record to write, the offset of the record that it answers, or -1
 * @param timestamp timestamp in epoch milliseconds; -1 in a record to write
 * @param key key, or null
 * @param value value, or null
 * @param headers headers of the record
 */
public record RawRecord(
    String topic,
    int partition,
    long offset,
    long timestamp,
    byte[] key,
    byte[] value,
    Headers headers) {

  /**
   * Returns a record to write. It has no timestamp, so it gets the time of writing. The timestamp
   * of its origin would not do: brokers refuse timestamps that are far from their clocks, and
   * delete records at once that are older than the retention of the topic.
   */
  public static RawRecord toWrite(String topic, byte[] key, byte[] value, Headers headers) {
    return new RawRecord(topic, -1, -1, -1, key, value, headers);
  }

  /**
   * Returns a record to write as the answer to another record. It carries the partition and offset
   * of the other record, which the writer uses to name it.
   *
   * @param answered the record that this one answers
   */
  public static RawRecord toWrite(
      String topic, byte[] key, byte[] value, Headers headers, RawRecord answered) {
    return new RawRecord(topic, answered.partition(), answered.offset(), -1, key, value, headers);
  }
}
