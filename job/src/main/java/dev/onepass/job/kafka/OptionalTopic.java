package dev.onepass.job.kafka;

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
 * A topic that need not be there: it is looked for again and again, and read from the moment it is
 * found. That it cannot be described, for whatever reason, does not stop the job.
 */
final class OptionalTopic implements KafkaSubscriber, KafkaDatasetIdentifierProvider {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(OptionalTopic.class);

  private final String topic;

  /** What was last found; the connector may look from more than one thread. */
  private transient volatile Set<TopicPartition> found;

  private transient volatile String lastReason;

  OptionalTopic(String topic) {
    this.topic = topic;
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
      say("is there and is read");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlinkRuntimeException("interrupted while looking for topic " + topic, e);
    } catch (ExecutionException e) {
      say("is not read until it can be found: " + e.getCause());
    }
    return found == null ? Set.of() : found;
  }

  /** Once, not every few seconds. */
  private void say(String what) {
    if (!what.equals(lastReason)) {
      lastReason = what;
      LOG.info("topic {} {}", topic, what);
    }
  }

  @Override
  public Optional<DefaultKafkaDatasetIdentifier> getDatasetIdentifier() {
    return Optional.of(DefaultKafkaDatasetIdentifier.ofTopics(List.of(topic)));
  }
}
