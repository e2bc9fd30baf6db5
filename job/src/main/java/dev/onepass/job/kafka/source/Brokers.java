// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.source;

import dev.onepass.job.kafka.client.ClientProperties;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** Queries the brokers about one topic. Every call waits for their answers. */
class Brokers implements AutoCloseable {

  private static final long SECONDS = 30;

  private final String topic;
  private final Properties properties;
  private final String group;
  private Admin admin;
  private boolean closed;

  /**
   * @param topic name of the topic
   * @param properties properties of clients
   */
  Brokers(String topic, Properties properties) {
    this.topic = topic;
    this.properties = ClientProperties.withoutId(properties);
    group = properties.getProperty(ConsumerConfig.GROUP_ID_CONFIG);
  }

  /** The id of a topic, or null if not known, and its partitions. */
  record Topic(Uuid id, List<Integer> partitions) {}

  /** Ends of partitions: of all records, and of those before the first open transaction. */
  record Ends(Map<TopicPartition, Long> highWatermarks, Map<TopicPartition, Long> stableOffsets) {}

  /** Returns the id and the partitions of the topic. */
  Topic topic() throws ExecutionException, TimeoutException, InterruptedException {
    TopicDescription description =
        answer(admin().describeTopics(List.of(topic)).allTopicNames()).get(topic);
    Uuid id = description.topicId();
    return new Topic(
        id == null || id.equals(Uuid.ZERO_UUID) ? null : id,
        description.partitions().stream().map(partition -> partition.partition()).toList());
  }

  /** Returns the state of the topic for these splits, without partitions that do not exist. */
  TopicState state(Collection<KafkaPartitionSplit> splits)
      throws ExecutionException, TimeoutException, InterruptedException {
    Topic before = topic();
    List<TopicPartition> there =
        splits.stream()
            .map(KafkaPartitionSplit::getTopicPartition)
            .filter(partition -> before.partitions().contains(partition.partition()))
            .toList();
    Map<TopicPartition, Long> beginnings =
        offsets(there, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
    Map<TopicPartition, Long> ends =
        offsets(there, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
    Map<TopicPartition, Long> committed = committed(splits);
    if (!topic().equals(before)) {
      throw new TimeoutException("Topic " + topic + " changed while its state was read.");
    }
    Map<Integer, TopicState.Offsets> partitions = new HashMap<>();
    for (TopicPartition partition : there) {
      partitions.put(
          partition.partition(),
          new TopicState.Offsets(
              beginnings.get(partition), ends.get(partition), committed.get(partition)));
    }
    return new TopicState(before.id(), partitions);
  }

  /** Returns the ends of these partitions. */
  Ends ends(Collection<TopicPartition> partitions)
      throws ExecutionException, TimeoutException, InterruptedException {
    // Read first, so that a stable offset never exceeds its high watermark.
    Map<TopicPartition, Long> stable =
        offsets(partitions, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
    return new Ends(
        offsets(partitions, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED), stable);
  }

  private Map<TopicPartition, Long> offsets(
      Collection<TopicPartition> partitions, OffsetSpec which, IsolationLevel isolation)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    answer(
            admin()
                .listOffsets(
                    partitions.stream().collect(Collectors.toMap(p -> p, p -> which)),
                    new ListOffsetsOptions(isolation))
                .all())
        .forEach((partition, info) -> offsets.put(partition, info.offset()));
    return offsets;
  }

  /** Returns the committed offsets of the group, if any of the splits needs them. */
  private Map<TopicPartition, Long> committed(Collection<KafkaPartitionSplit> splits)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    if (splits.stream()
        .anyMatch(split -> split.getStartingOffset() == KafkaPartitionSplit.COMMITTED_OFFSET)) {
      Map<TopicPartition, OffsetAndMetadata> committed =
          answer(admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
      committed.forEach(
          (partition, offset) -> {
            if (offset != null) {
              offsets.put(partition, offset.offset());
            }
          });
    }
    return offsets;
  }

  private static <T> T answer(KafkaFuture<T> future)
      throws ExecutionException, TimeoutException, InterruptedException {
    return future.get(SECONDS, TimeUnit.SECONDS);
  }

  private synchronized Admin admin() throws InterruptedException {
    if (closed) {
      throw new InterruptedException("closed");
    }
    if (admin == null) {
      admin = Admin.create(properties);
    }
    return admin;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (admin != null) {
      // Without a timeout, close waits for answers, even in a task that is being cancelled.
      admin.close(Duration.ZERO);
    }
  }
}
