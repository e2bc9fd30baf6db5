// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.job.options.OptionsException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.junit.jupiter.api.Test;

class TopicsCheckTest {

  private static KafkaFuture<TopicDescription> says(Exception e) {
    KafkaFutureImpl<TopicDescription> future = new KafkaFutureImpl<>();
    future.completeExceptionally(e);
    return future;
  }

  private static KafkaFuture<TopicDescription> there() {
    return KafkaFuture.completedFuture(new TopicDescription("t", false, List.of()));
  }

  private static List<String> verdict(Map<String, KafkaFuture<TopicDescription>> answers)
      throws InterruptedException {
    TopicsCheck check = new TopicsCheck("broker:9092");
    check.note(answers);
    return check.verdict();
  }

  @Test
  void allMissingTopicsAreListedAtOnce() throws Exception {
    assertThat(verdict(Map.of("a", there(), "b", there()))).isEmpty();
    UnknownTopicOrPartitionException none = new UnknownTopicOrPartitionException();
    assertThatThrownBy(() -> verdict(Map.of("a", says(none), "b", there(), "c", says(none))))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining(
            "\n  - a, c: missing at broker:9092, and the job creates only the anchors topic; create the topics: for topic in a c; do kafka-topics.sh --bootstrap-server broker:9092 --create --topic $topic --partitions 4; done");
  }

  @Test
  void missingPermissionIsAWarning() throws Exception {
    assertThat(
            verdict(
                Map.of("a", says(new TopicAuthorizationException("Not authorized")), "b", there())))
        .singleElement()
        .asString()
        .startsWith("Cannot check whether topic a exists")
        .contains("Allow DESCRIBE");
  }

  @Test
  void commonProblemsAreListedOnce() {
    TimeoutException late = new TimeoutException("Call(callName=describeTopics) timed out");
    assertThatThrownBy(() -> verdict(Map.of("a", says(late), "b", says(late))))
        .isInstanceOf(OptionsException.class)
        .hasMessage(
            "The job cannot start with these options:\n  - kafka.bootstrap.servers: no broker of broker:9092 answered within 15 s; start the brokers, or correct the addresses or kafka.properties.security.protocol");
    SaslAuthenticationException login = new SaslAuthenticationException("Invalid user\n or so");
    assertThatThrownBy(() -> verdict(Map.of("a", says(login), "b", says(login))))
        .hasMessageContaining("refused the login: Invalid user or so; correct the sasl.*")
        .message()
        .hasLineCount(2);
    assertThatThrownBy(() -> verdict(Map.of("a", says(new InvalidReplicationFactorException("x")))))
        .hasMessageContaining("cannot describe topic a: x");
  }
}
