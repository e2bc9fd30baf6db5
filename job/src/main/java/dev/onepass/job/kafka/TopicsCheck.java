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
 * A look at the brokers before the job is submitted: without them, or without a topic, it would
 * restart again and again, where nobody looks.
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
   * Asks the brokers for the topics that must be there; that of anchors need not.
   *
   * @param clients properties of clients
   * @return a sentence for each topic that the brokers do not tell of
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
          "kafka.bootstrap.servers, kafka.properties.*: no client can be made of them: "
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

  /** Notes what was said of each topic. */
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
          "topic %s: whether it is there is not known, because the job may not look at it; allow DESCRIBE, which READ and WRITE imply"
              .formatted(topic));
    } else if (reason instanceof TimeoutException) {
      problems.add(
          "kafka.bootstrap.servers: no broker of %s answers within %d s; start the brokers, or correct the addresses, or kafka.properties.security.protocol"
              .formatted(servers, PATIENCE.toSeconds()));
    } else if (reason instanceof AuthenticationException) {
      problems.add(
          "kafka.properties.*: the brokers of %s and the job do not agree on the login: %s; correct the sasl.* and ssl.* among them"
              .formatted(servers, sentence(reason)));
    } else {
      problems.add("topic %s cannot be looked at: %s".formatted(topic, sentence(reason)));
    }
  }

  /**
   * Returns the warnings.
   *
   * @throws OptionsException with what the job cannot start with, if there is anything
   */
  List<String> verdict() {
    if (!missing.isEmpty()) {
      problems.add(
          "%s: there is no such topic at %s, and the job makes none but that of anchors; create what is missing: for topic in %s; do kafka-topics.sh --bootstrap-server %s --create --topic $topic --partitions 4; done"
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
