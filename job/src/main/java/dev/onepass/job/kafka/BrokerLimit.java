package dev.onepass.job.kafka;

import dev.onepass.job.records.RecordLimit;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the producer and the topic let through, whichever is less; asked once, when a task opens.
 */
final class BrokerLimit implements RecordLimit {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(BrokerLimit.class);
  private static final int KAFKAS_DEFAULT = 1024 * 1024;

  private final Properties properties;

  BrokerLimit(Properties properties) {
    this.properties = properties;
  }

  @Override
  public int bytes(String topic) {
    int producer =
        Integer.parseInt(
            properties
                .getProperty(
                    ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(KAFKAS_DEFAULT))
                .trim());
    try {
      return Math.min(producer, ask(topic));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return producer;
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      LOG.warn(
          "cannot ask the brokers for max.message.bytes of {} ({}); taking max.request.size, {}",
          topic,
          e.toString(),
          producer);
      return producer;
    }
  }

  private int ask(String topic) throws InterruptedException, ExecutionException, TimeoutException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    Admin client = Admin.create(adminProperties(properties));
    try {
      return Integer.parseInt(
          client
              .describeConfigs(List.of(resource))
              .all()
              .get(30, TimeUnit.SECONDS)
              .get(resource)
              .get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG)
              .value());
    } finally {
      // At once: a plain close waits for the answer, even in a task that is being cancelled.
      client.close(Duration.ZERO);
    }
  }

  /** Two clients of one id in a process are in each other's way. */
  static Properties adminProperties(Properties properties) {
    Properties admin = new Properties();
    admin.putAll(properties);
    admin.remove(AdminClientConfig.CLIENT_ID_CONFIG);
    return admin;
  }
}
