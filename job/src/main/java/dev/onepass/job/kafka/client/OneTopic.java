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
 * A topic that is looked for again and again. Once it was found, nothing that comes between stops
 * the job: not that it is deleted, nor that it cannot be described. Until then, one that is
 * optional is awaited, and one that is not fails the job with the reason.
 */
public final class OneTopic implements KafkaSubscriber, KafkaDatasetIdentifierProvider {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(OneTopic.class);

  private final String topic;
  private final boolean optional;

  /** What was last found; the connector may look from more than one thread. */
  private transient volatile Set<TopicPartition> found;

  private transient volatile String lastReason;

  private OneTopic(String topic, boolean optional) {
    this.topic = topic;
    this.optional = optional;
  }

  /** A topic that must be there when the job starts. */
  public static OneTopic required(String topic) {
    return new OneTopic(topic, false);
  }

  /** A topic that need not be there. */
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
      say("is there and is read");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlinkRuntimeException("interrupted while looking for topic " + topic, e);
    } catch (ExecutionException e) {
      if (found == null && !optional) {
        throw new FlinkRuntimeException(
            "cannot find topic %s, which the job reads: %s".formatted(topic, e.getCause()), e);
      }
      say("cannot be found, and is looked for again: " + e.getCause());
    }
    return found == null ? Set.of() : found;
  }

  /** Says a thing once, not every few seconds. */
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
