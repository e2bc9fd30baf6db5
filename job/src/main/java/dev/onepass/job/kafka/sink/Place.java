// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/** The place of a record on the brokers. */
record Place(String topic, int partition, long offset) {

  /** Returns the place of an acknowledged record. */
  static Place of(RecordMetadata metadata) {
    return new Place(metadata.topic(), metadata.partition(), metadata.offset());
  }

  /** Returns the place of a record that was read. */
  static Place of(ConsumerRecord<?, ?> record) {
    return new Place(record.topic(), record.partition(), record.offset());
  }

  /** Returns the partition of the record. */
  TopicPartition topicPartition() {
    return new TopicPartition(topic, partition);
  }

  @Override
  public String toString() {
    return topic + "/" + partition + "/" + offset;
  }
}
