package dev.onepass.job.kafka.sink;

import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a record lies on the brokers.
 *
 * @param topic topic
 * @param partition partition
 * @param offset offset
 */
record Place(String topic, int partition, long offset) {

  /** Returns the place that the brokers acknowledged. */
  static Place of(RecordMetadata metadata) {
    return new Place(metadata.topic(), metadata.partition(), metadata.offset());
  }

  /** Returns the partition that the record lies in. */
  TopicPartition topicPartition() {
    return new TopicPartition(topic, partition);
  }

  @Override
  public String toString() {
    return topic + "/" + partition + "/" + offset;
  }
}
