package dev.onepass.job.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Properties;
import org.apache.flink.util.InstantiationUtil;
import org.apache.kafka.clients.admin.AdminClient;
import org.junit.jupiter.api.Test;

/** With brokers that answer it is in the integration tests. */
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
  void withoutBrokersNothingIsPublishedAndTheReasonIsSaid() throws Exception {
    BrokersAnchorsTopic topic =
        new BrokersAnchorsTopic("a", properties(), new BrokerLimit(properties(), null, null));
    RawRecord record = new RawRecord("a", -1, -1, 0, new byte[1], new byte[1], Headers.NONE);

    assertThat(topic.obstacle(record))
        .hasValueSatisfying(
            reason ->
                assertThat(reason)
                    .startsWith("topic a is not there and cannot be made: org.apache"));
  }

  @Test
  void aTopicThatCannotBeReadIsNotAnEmptyOne() throws Exception {
    BrokersAnchorsTopic topic =
        new BrokersAnchorsTopic(
            "a", properties(), new BrokerLimit(properties(), null, null), Duration.ofMillis(500));

    assertThatIOException()
        .isThrownBy(() -> topic.read(record -> {}))
        .withMessageStartingWith("topic a cannot be read (");
  }

  @Test
  void aTopicThatCannotBeFoundHasNoPartitions() throws Exception {
    OptionalTopic topic = InstantiationUtil.clone(new OptionalTopic("a"));
    try (AdminClient client = AdminClient.create(properties())) {
      assertThat(topic.getSubscribedTopicPartitions(client)).isEmpty();
      assertThat(topic.getSubscribedTopicPartitions(client)).isEmpty();
    }
  }
}
