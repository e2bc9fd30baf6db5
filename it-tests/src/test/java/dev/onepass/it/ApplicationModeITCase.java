// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import dev.onepass.testkit.process.FlinkProcesses;
import dev.onepass.testkit.process.KafkaProcess;
import dev.onepass.testkit.process.Processes;
import dev.onepass.testkit.records.Client;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests the job in application mode: on a cluster of processes that runs this job only. */
@Timeout(120)
class ApplicationModeITCase {

  private static final int TOKENS = 500;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @RegisterExtension static final Processes PROCESSES = new Processes();

  @Test
  void jobRunsWithItsCluster() throws Exception {
    KafkaProcess kafka = KafkaProcess.start(PROCESSES);
    kafka.await();
    try (Client client = new Client(kafka.bootstrapServers())) {
      Client.Topics topics = client.createTopics("application", Map.of());
      Path options =
          JobFile.write(
              PROCESSES.data("job").resolve("job.yaml"), Traffic.OPTIONS, topics.options());
      FlinkProcesses flink =
          FlinkProcesses.application(
              PROCESSES,
              1,
              Map.of("parallelism.default", "2"),
              JobFile.JAR,
              JobFile.MAIN,
              List.of(
                  "--config",
                  options.toString(),
                  "--kafka.bootstrap.servers",
                  kafka.bootstrapServers()));
      flink.awaitApplication();

      Traffic traffic = new Traffic(client, topics, 4, TOKENS, 21);
      traffic.send(0, TOKENS);
      traffic.askForAll();

      traffic.check(client.readExactly(topics.outputs(), traffic.asked(), PATIENCE));
    }
  }
}
