// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.client;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetIdentifierProvider;
import org.apache.flink.connector.kafka.source.enumerator.subscriber.KafkaSubscriber;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Subscribes a source to one topic. Once the topic was found, the job keeps running even if the
 * topic is deleted or cannot be described. Before that, a missing optional topic is awaited, and a
 * missing required topic fails the job.
 */
public final class OneTopic implements KafkaSubscriber, KafkaDatasetIdentifierProvider {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(OneTopic.class);

  private final String topic;
  private final boolean optional;

  /** Partitions found last. The connector may look from several threads. */
  private transient volatile Set<TopicPartition> found;

  private transient volatile String lastReason;

  private OneTopic(String topic, boolean optional) {
    this.topic = topic;
    this.optional = optional;
  }

  /** Returns a topic that must exist when the job starts. */
  public static OneTopic required(String topic) {
    return new OneTopic(topic, false);
  }

  /** Returns a topic that may not exist yet. */
  public static OneTopic optional(String topic) {
    return new OneTopic(topic, true);
  }

  @Override
  public Set<TopicPartition> getSubscribedTopicPartitions(AdminClient client) {
    try {
      TopicDescription description =
          client.describeTopics(List.of(topic)).topicNameValues().get(topic).get();
      found =
          description.partitions().stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .collect(Collectors.toUnmodifiableSet());
      say("Found topic " + topic + ".");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlinkRuntimeException("Interrupted while looking for topic " + topic + ".", e);
    } catch (ExecutionException e) {
      if (found == null && !optional) {
        throw new FlinkRuntimeException(
            "Cannot find topic %s, which the job reads: %s".formatted(topic, e.getCause()), e);
      }
      say("Cannot find topic " + topic + ", will look again: " + e.getCause());
    }
    return found == null ? Set.of() : found;
  }

  /** Logs a message once, not at every look. */
  private void say(String what) {
    if (!what.equals(lastReason)) {
      lastReason = what;
      LOG.info(what);
    }
  }

  @Override
  public Optional<DefaultKafkaDatasetIdentifier> getDatasetIdentifier() {
    return Optional.of(DefaultKafkaDatasetIdentifier.ofTopics(List.of(topic)));
  }
}
