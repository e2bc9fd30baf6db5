// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.testkit.process.KafkaProcess;
import dev.onepass.testkit.process.Processes;
import dev.onepass.testkit.records.Client;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs all commands of docs/clients.md, and with them clients that are not part of this project.
 */
@Timeout(180)
class ClientsITCase {

  /** Number of partitions of each topic on the page. */
  private static final int PARTITIONS = 4;

  @RegisterExtension static final Processes PROCESSES = new Processes();

  private static Client client;
  private static ClientsPage page;

  @BeforeAll
  static void startCluster() throws Exception {
    ProcessCluster cluster = ProcessCluster.start(PROCESSES, 1, Map.of());
    client = cluster.client();
    String tools = KafkaProcess.tools(PROCESSES) + ":" + cluster.flink().tools();
    String path = tools + ":" + System.getenv("PATH");
    page = new ClientsPage(PROCESSES, client.bootstrapServers(), Map.of("PATH", path));
    Files.createSymbolicLink(page.directory().resolve("onepass-job.jar"), JobFile.JAR.toRealPath());
  }

  @ParameterizedTest
  @MethodSource("dev.onepass.it.ClientsPage#sections")
  void commandsPrintWhatThePageSays(Page.Section section) throws Exception {
    page.follow(section);
  }

  /** Empties the topics, because some commands print the first answer that they find. */
  @AfterEach
  void emptyTopicsThatAreRead() throws Exception {
    for (String topic : client.topics()) {
      if (topic.endsWith(".outputs") || topic.endsWith(".dead-letters")) {
        client.truncate(topic);
      }
    }
  }

  /** Checks that every client has chosen the partition that Kafka's Java client would choose. */
  @AfterAll
  static void checkPartitions() throws Exception {
    try (Client open = client) {
      for (String topic : open.topics()) {
        if (topic.endsWith(".tokens")) {
          open.read(topic, Duration.ofSeconds(1), soFar -> false)
              .forEach(
                  token ->
                      assertThat(token.partition())
                          .isEqualTo(BuiltInPartitioner.partitionForKey(token.key(), PARTITIONS)));
        }
      }
    }
  }
}
