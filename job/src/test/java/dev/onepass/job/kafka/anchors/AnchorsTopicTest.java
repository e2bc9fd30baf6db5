// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.anchors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.job.kafka.client.OneTopic;
import dev.onepass.job.kafka.limits.BrokerLimit;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.util.InstantiationUtil;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Tests without answering brokers; the integration tests have brokers. */
class AnchorsTopicTest {

  private static Properties properties() throws Exception {
    Properties properties = new Properties();
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      properties.setProperty("bootstrap.servers", "localhost:" + socket.getLocalPort());
    }
    properties.setProperty("default.api.timeout.ms", "300");
    properties.setProperty("request.timeout.ms", "200");
    return properties;
  }

  @Test
  void withoutBrokersPublishingFailsWithTheReason() throws Exception {
    BrokersAnchorsTopic topic =
        new BrokersAnchorsTopic("a", properties(), new BrokerLimit(properties(), null, null));
    RawRecord record = new RawRecord("a", -1, -1, 0, new byte[1], new byte[1], Headers.NONE);

    assertThat(topic.obstacle(record))
        .hasValueSatisfying(
            reason -> assertThat(reason).startsWith("cannot find or create topic a: org.apache"));
  }

  @Test
  void anUnreadableTopicIsAFailure() throws Exception {
    BrokersAnchorsTopic topic =
        new BrokersAnchorsTopic(
            "a", properties(), new BrokerLimit(properties(), null, null), Duration.ofMillis(500));

    assertThatIOException()
        .isThrownBy(() -> topic.read(record -> {}))
        .withMessageStartingWith("Cannot read topic a: ");
  }

  private static BrokersAnchorsTopic impatient() throws Exception {
    return new BrokersAnchorsTopic(
        "a", properties(), new BrokerLimit(properties(), null, null), Duration.ofMillis(200));
  }

  /** Returns a consumer that receives each of this many records after a delay. */
  private static MockConsumer<byte[], byte[]> slow(int records, int come) {
    MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    TopicPartition partition = new TopicPartition("a", 0);
    consumer.updatePartitions("a", List.of(new PartitionInfo("a", 0, null, null, null)));
    consumer.updateBeginningOffsets(Map.of(partition, 0L));
    consumer.updateEndOffsets(Map.of(partition, (long) records));
    for (int i = 0; i < come; i++) {
      int offset = i;
      consumer.schedulePollTask(
          () -> {
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            consumer.addRecord(
                new ConsumerRecord<>("a", 0, offset, new byte[1], new byte[] {(byte) offset}));
          });
    }
    return consumer;
  }

  @Test
  void readingContinuesWhileThereIsProgress() throws Exception {
    List<Integer> read = new ArrayList<>();
    long begin = System.nanoTime();
    impatient().readAll(slow(6, 6), record -> read.add((int) record.value()[0]));

    assertThat(read).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(System.nanoTime() - begin).isGreaterThan(Duration.ofMillis(500).toNanos());
  }

  @Test
  void readingFailsWithoutProgress() throws Exception {
    List<Integer> read = new ArrayList<>();
    BrokersAnchorsTopic topic = impatient();

    assertThatIOException()
        .isThrownBy(() -> topic.readAll(slow(6, 4), record -> read.add((int) record.value()[0])))
        .withMessage(
            "Cannot read topic a to its end: no progress for 0 s, at offsets {a-0=4} of {a-0=6}");
    assertThat(read).containsExactly(0, 1, 2, 3);
  }

  @Test
  void aMissingOptionalTopicHasNoPartitions() throws Exception {
    OneTopic topic = InstantiationUtil.clone(OneTopic.optional("a"));
    try (AdminClient client = AdminClient.create(properties())) {
      assertThat(topic.getSubscribedTopicPartitions(client)).isEmpty();
      assertThat(topic.getSubscribedTopicPartitions(client)).isEmpty();
    }
  }

  @Test
  void aMissingRequiredTopicFailsTheJob() throws Exception {
    OneTopic topic = InstantiationUtil.clone(OneTopic.required("a"));
    try (AdminClient client = AdminClient.create(properties())) {
      assertThatThrownBy(() -> topic.getSubscribedTopicPartitions(client))
          .hasMessageContaining("Cannot find topic a, which the job reads: org.apache");
    }
  }
}
