// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.limits;

import dev.onepass.job.kafka.client.ClientProperties;
import dev.onepass.job.kafka.client.TransactionalIds;
import dev.onepass.job.records.RecordLimit;
import dev.onepass.job.records.TopicGate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.streaming.api.operators.StreamingRuntimeContext;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The smaller of the size limits of producer and topic. A task reads the topic's settings once,
 * when it opens. If it may not read them, it tries records (see {@link BrokerGate}).
 */
public class BrokerLimit implements RecordLimit {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(BrokerLimit.class);
  private static final String DEFAULT_REQUEST = Integer.toString(1 << 20);
  private static final String DEFAULT_BUFFER = Integer.toString(32 << 20);

  private final Properties properties;
  private final String transactionalIdPrefix;
  private final Duration transactionTimeout;

  /**
   * @param properties properties of clients
   * @param transactionalIdPrefix prefix of the transactional ids of trials; null if records are
   *     written without transactions
   * @param transactionTimeout transaction timeout that the brokers allow
   */
  public BrokerLimit(
      Properties properties, String transactionalIdPrefix, Duration transactionTimeout) {
    this.properties = properties;
    this.transactionalIdPrefix = transactionalIdPrefix;
    this.transactionTimeout = transactionTimeout;
  }

  @Override
  public int bytes(String topic) {
    return Math.min(producersLimit(), settings(topic).limit().orElse(Integer.MAX_VALUE));
  }

  @Override
  public TopicGate open(String topic, RuntimeContext context) {
    String operator = ((StreamingRuntimeContext) context).getOperatorUniqueID();
    return open(topic, operator + "-" + context.getTaskInfo().getIndexOfThisSubtask());
  }

  /**
   * Opens a gate.
   *
   * @param tester name of the trial, which ends in a dash and a number; must be unique at a time
   */
  public TopicGate open(String topic, String tester) {
    Trial trial =
        transactionalIdPrefix == null
            ? Trial.delivering(properties)
            : Trial.takenBack(
                properties,
                TransactionalIds.ofTrial(transactionalIdPrefix, tester),
                transactionTimeout);
    return new BrokerGate(producersLimit(), settings(topic), trial);
  }

  /** Returns the size above which the producer itself refuses records. */
  private int producersLimit() {
    return (int)
        Math.min(
            number(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, DEFAULT_REQUEST),
            number(ProducerConfig.BUFFER_MEMORY_CONFIG, DEFAULT_BUFFER));
  }

  private long number(String name, String otherwise) {
    return Long.parseLong(properties.getProperty(name, otherwise).trim());
  }

  private TopicSettings settings(String topic) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try {
      TopicSettings settings = TopicSettings.of(describe(resource).get(resource));
      if (settings.limit().isPresent() && settings.compacted().isPresent()) {
        return settings;
      }
      sayUnknown(topic, "the answer does not contain them");
      return settings;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      sayUnknown(topic, e.toString());
    }
    return TopicSettings.UNKNOWN;
  }

  private static void sayUnknown(String topic, String reason) {
    LOG.warn(
        "Cannot read max.message.bytes and cleanup.policy of topic {} ({}). The job sends a trial of each record that the brokers might refuse. Allow DESCRIBE_CONFIGS on the topic to avoid trials.",
        topic,
        reason);
  }

  /** Asks the brokers for the settings. */
  Map<ConfigResource, Config> describe(ConfigResource resource)
      throws InterruptedException, ExecutionException, TimeoutException {
    Admin client = Admin.create(ClientProperties.withoutId(properties));
    try {
      return client.describeConfigs(List.of(resource)).all().get(30, TimeUnit.SECONDS);
    } finally {
      // Without a timeout, close waits for the answer, even in a task that is being cancelled.
      client.close(Duration.ZERO);
    }
  }
}
