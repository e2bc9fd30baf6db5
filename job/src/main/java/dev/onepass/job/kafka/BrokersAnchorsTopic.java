package dev.onepass.job.kafka;

import dev.onepass.job.records.RecordLimit;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.learner.AnchorsTopic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The anchors topic as the brokers have it. */
final class BrokersAnchorsTopic implements AnchorsTopic {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(BrokersAnchorsTopic.class);

  private final String name;
  private final Properties properties;

  /**
   * A topic.
   *
   * @param properties of clients; how large a request the producer makes among them
   */
  BrokersAnchorsTopic(String name, Properties properties) {
    this.name = name;
    this.properties = properties;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<String> obstacle(RawRecord record) {
    try {
      makeIfMissing();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      Throwable reason = e instanceof ExecutionException ? e.getCause() : e;
      return Optional.of("topic %s is not there and cannot be made: %s".formatted(name, reason));
    }
    int limit = new BrokerLimit(properties).bytes(name);
    long bytes = RecordLimit.bytes(record);
    return bytes <= limit
        ? Optional.empty()
        : Optional.of(
            "it takes %d bytes where topic %s takes %d; raise max.message.bytes of the topic and kafka.properties.max.request.size"
                .formatted(bytes, name, limit));
  }

  private void makeIfMissing() throws InterruptedException, ExecutionException, TimeoutException {
    Admin client = Admin.create(BrokerLimit.adminProperties(properties));
    try {
      if (!isThere(client)) {
        NewTopic topic =
            new NewTopic(name, Optional.of(1), Optional.empty())
                .configs(
                    Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_COMPACT,
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        Integer.toString(Kafka.LARGEST_ANCHOR_SET)));
        client.createTopics(List.of(topic)).all().get(30, TimeUnit.SECONDS);
        LOG.info("topic {} was not there and has been made, compacted", name);
      }
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    } finally {
      client.close(Duration.ZERO);
    }
  }

  private boolean isThere(Admin client)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      client.describeTopics(List.of(name)).allTopicNames().get(30, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw e;
    }
  }
}
