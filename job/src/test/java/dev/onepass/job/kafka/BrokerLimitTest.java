package dev.onepass.job.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With brokers that answer it is in the integration tests. */
class BrokerLimitTest {

  @AfterEach
  void clearInterrupt() {
    Thread.interrupted();
  }

  /** A port that nobody listens on. */
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
  void withoutBrokersWhatTheProducerTakes() throws Exception {
    String[] quick = {"default.api.timeout.ms", "300", "request.timeout.ms", "200"};
    assertThat(new BrokerLimit(properties(quick)).bytes("t")).isEqualTo(1024 * 1024);
    Properties more = properties(quick);
    more.setProperty("max.request.size", " 5000000 ");
    // Foreign to an admin client; it must not mind.
    more.setProperty("max.poll.records", "7");
    more.setProperty("compression.type", "gzip");
    more.setProperty("client.id", "mine");
    assertThat(new BrokerLimit(more).bytes("t")).isEqualTo(5_000_000);
    assertThat(more).containsEntry("client.id", "mine");
  }

  @Test
  void anAdminClientThatCannotBeMadeIsNoReasonToFail() throws Exception {
    Properties properties =
        properties(
            "request.timeout.ms", "90000",
            "default.api.timeout.ms", "80000",
            "max.request.size", "777");
    assertThat(new BrokerLimit(properties).bytes("t")).isEqualTo(777);
  }

  @Test
  void aCancelledTaskDoesNotWait() throws Exception {
    Thread.currentThread().interrupt();
    long start = System.nanoTime();
    assertThat(new BrokerLimit(properties()).bytes("t")).isEqualTo(1024 * 1024);
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
    assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
  }
}
