// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka;

import dev.onepass.job.kafka.client.ClientProperties;
import dev.onepass.job.options.JobSettings;
import dev.onepass.job.options.OptionsException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Checks the brokers and topics before the job is submitted. Without them the submitted job would
 * restart again and again, where the user does not see the reason.
 */
final class TopicsCheck {

  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final String servers;
  private final Set<String> missing = new LinkedHashSet<>();
  private final Set<String> problems = new LinkedHashSet<>();
  private final List<String> warnings = new ArrayList<>();

  TopicsCheck(String servers) {
    this.servers = servers;
  }

  /**
   * Checks that the required topics exist. The anchors topic is optional.
   *
   * @param clients properties of clients
   * @return a warning for each topic that the job may not describe
   * @throws OptionsException if no broker answers in time, or with all topics that are missing
   */
  static List<String> check(JobSettings.Topics topics, Properties clients)
      throws InterruptedException {
    TopicsCheck check = new TopicsCheck(clients.getProperty("bootstrap.servers"));
    check.ask(
        List.of(topics.tokens(), topics.queries(), topics.outputs(), topics.deadLetters()),
        ClientProperties.withoutId(clients));
    return check.verdict();
  }

  private void ask(List<String> topics, Properties clients) throws InterruptedException {
    Admin admin;
    try {
      admin = Admin.create(clients);
    } catch (KafkaException e) {
      problems.add(
          "kafka.bootstrap.servers, kafka.properties.*: cannot create a client: "
              + sentence(rootCause(e)));
      return;
    }
    try {
      DescribeTopicsOptions patience =
          new DescribeTopicsOptions().timeoutMs((int) PATIENCE.toMillis());
      note(admin.describeTopics(topics, patience).topicNameValues());
    } finally {
      admin.close(Duration.ZERO);
    }
  }

  /** Evaluates the brokers' answer for each topic. */
  void note(Map<String, KafkaFuture<TopicDescription>> answers) throws InterruptedException {
    for (Map.Entry<String, KafkaFuture<TopicDescription>> answer :
        new TreeMap<>(answers).entrySet()) {
      try {
        answer.getValue().get();
      } catch (ExecutionException e) {
        note(answer.getKey(), e.getCause());
      }
    }
  }

  private void note(String topic, Throwable reason) {
    if (reason instanceof UnknownTopicOrPartitionException) {
      missing.add(topic);
    } else if (reason instanceof AuthorizationException) {
      warnings.add(
          "Cannot check whether topic %s exists: the job has no permission. Allow DESCRIBE, which READ and WRITE imply."
              .formatted(topic));
    } else if (reason instanceof TimeoutException) {
      problems.add(
          "kafka.bootstrap.servers: no broker of %s answered within %d s; start the brokers, or correct the addresses or kafka.properties.security.protocol"
              .formatted(servers, PATIENCE.toSeconds()));
    } else if (reason instanceof AuthenticationException) {
      problems.add(
          "kafka.properties.*: the brokers of %s refused the login: %s; correct the sasl.* and ssl.* properties"
              .formatted(servers, sentence(reason)));
    } else {
      problems.add("cannot describe topic %s: %s".formatted(topic, sentence(reason)));
    }
  }

  /**
   * Returns the warnings.
   *
   * @throws OptionsException with all problems, if there are any
   */
  List<String> verdict() {
    if (!missing.isEmpty()) {
      problems.add(
          "%s: missing at %s, and the job creates only the anchors topic; create the topics: for topic in %s; do kafka-topics.sh --bootstrap-server %s --create --topic $topic --partitions 4; done"
              .formatted(String.join(", ", missing), servers, String.join(" ", missing), servers));
    }
    if (!problems.isEmpty()) {
      throw new OptionsException(List.copyOf(problems));
    }
    return warnings;
  }

  private static Throwable rootCause(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static String sentence(Throwable reason) {
    return String.valueOf(reason.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
