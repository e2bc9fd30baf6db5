// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.job.records.TopicGate;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests without answering brokers; the integration tests have brokers. */
class BrokerLimitTest {

  @AfterEach
  void clearInterrupt() {
    Thread.interrupted();
  }

  /** A port without a listener. */
  private static String nowhere() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "localhost:" + socket.getLocalPort();
    }
  }

  private static Properties properties(String... entries) throws Exception {
    Properties properties = new Properties();
    properties.setProperty("bootstrap.servers", nowhere());
    for (int i = 0; i < entries.length; i += 2) {
      properties.setProperty(entries[i], entries[i + 1]);
    }
    return properties;
  }

  @Test
  void withoutBrokersTheProducersLimitApplies() throws Exception {
    String[] quick = {"default.api.timeout.ms", "300", "request.timeout.ms", "200"};
    assertThat(new BrokerLimit(properties(quick), null, null).bytes("t")).isEqualTo(1024 * 1024);
    Properties more = properties(quick);
    more.setProperty("max.request.size", " 5000000 ");
    // Unknown to an admin client, which must ignore it.
    more.setProperty("max.poll.records", "7");
    more.setProperty("compression.type", "gzip");
    more.setProperty("client.id", "mine");
    assertThat(new BrokerLimit(more, null, null).bytes("t")).isEqualTo(5_000_000);
    assertThat(more).containsEntry("client.id", "mine");
  }

  @Test
  void anAdminClientThatCannotBeCreatedDoesNotFailTheTask() throws Exception {
    Properties properties =
        properties(
            "request.timeout.ms", "90000",
            "default.api.timeout.ms", "80000",
            "max.request.size", "777");
    assertThat(new BrokerLimit(properties, null, null).bytes("t")).isEqualTo(777);
  }

  /** Returns a limit with this answer of the brokers. */
  private static BrokerLimit answering(Config answer) throws Exception {
    Map<ConfigResource, Config> answers = new HashMap<>();
    if (answer != null) {
      answers.put(new ConfigResource(ConfigResource.Type.TOPIC, "t"), answer);
    }
    return new BrokerLimit(properties("max.request.size", "5000000"), null, null) {
      private static final long serialVersionUID = 1L;

      @Override
      Map<ConfigResource, Config> describe(ConfigResource resource) {
        return answers;
      }
    };
  }

  private static Config config(String... entries) {
    List<ConfigEntry> list = new ArrayList<>();
    for (int i = 0; i < entries.length; i += 2) {
      list.add(new ConfigEntry(entries[i], entries[i + 1]));
    }
    return new Config(list);
  }

  private static Stream<Config> uselessAnswers() {
    return Stream.of(
        null,
        config(),
        config("cleanup.policy", "delete"),
        config("max.message.bytes", null),
        config("max.message.bytes", ""),
        config("max.message.bytes", "abc"),
        config("max.message.bytes", "-1"),
        config("max.message.bytes", "99999999999999999999"),
        config("segment.bytes", "1000"));
  }

  @ParameterizedTest
  @MethodSource("uselessAnswers")
  void theGateOpensForEveryAnswer(Config answer) throws Exception {
    BrokerLimit limit = answering(answer);
    assertThat(limit.bytes("t")).isEqualTo(5_000_000);
    try (TopicGate gate = limit.open("t", "test-0")) {
      assertThat(gate.isKnown()).isFalse();
    }
  }

  @Test
  void theSmallerLimitApplies() throws Exception {
    assertThat(answering(config("max.message.bytes", "20000")).bytes("t")).isEqualTo(20_000);
    assertThat(answering(config("max.message.bytes", "2147483648")).bytes("t"))
        .isEqualTo(5_000_000);
    assertThat(answering(config("max.message.bytes", "4000000", "segment.bytes", "x")).bytes("t"))
        .isEqualTo(4_000_000);
    // Brokers refuse a batch that is larger than a segment.
    assertThat(
            answering(config("max.message.bytes", "4000000", "segment.bytes", "1048576"))
                .bytes("t"))
        .isEqualTo(1_048_576);
    try (TopicGate gate = answering(config("max.message.bytes", "20000")).open("t", "test-0")) {
      assertThat(gate.isKnown()).isTrue();
      assertThat(gate.limit()).isEqualTo(20_000);
    }
  }

  /** The producer refuses records that are larger than its memory. */
  @Test
  void theProducersMemoryLimitsRecords() throws Exception {
    Properties properties =
        properties(
            "default.api.timeout.ms", "300",
            "request.timeout.ms", "200",
            "buffer.memory", "30000");
    assertThat(new BrokerLimit(properties, null, null).bytes("t")).isEqualTo(30_000);
  }

  @Test
  void aCancelledTaskDoesNotWait() throws Exception {
    Thread.currentThread().interrupt();
    long start = System.nanoTime();
    assertThat(new BrokerLimit(properties(), null, null).bytes("t")).isEqualTo(1024 * 1024);
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
    assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
  }
}
