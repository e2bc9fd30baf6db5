// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.testkit.process.ChildProcess;
import dev.onepass.testkit.process.FlinkProcesses;
import dev.onepass.testkit.process.KafkaProcess;
import dev.onepass.testkit.process.Processes;
import dev.onepass.testkit.records.Client;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests an outage of the broker that lasts longer than the sink waits for it. */
@Timeout(600)
class BrokersAwayITCase {

  private static final int TOKENS = 600;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @RegisterExtension static final Processes PROCESSES = new Processes();

  /**
   * Checks that the job restarts until the broker is back, that the task managers keep running, and
   * that no answer is lost.
   */
  @Test
  void taskManagersKeepRunning() throws Exception {
    Map<String, String> settings = Map.of("metrics.fetcher.update-interval", "500");
    try (ProcessCluster cluster = ProcessCluster.start(PROCESSES, 1, settings)) {
      KafkaProcess kafka = cluster.kafka();
      FlinkProcesses flink = cluster.flink();
      Client client = cluster.client();
      Client.Topics topics = client.createTopics("away", Map.of());
      Map<String, String> options = new HashMap<>(Traffic.exactlyOnce("away"));
      // Leaves enough time to see the gauge oldestUnwrittenMillis grow, even on a busy machine.
      options.put("kafka.properties.delivery.timeout.ms", "20000");
      options.put("kafka.properties.request.timeout.ms", "5000");
      options.put("kafka.properties.max.block.ms", "6000");
      String job = cluster.run(cluster.jobFile("away", topics, options), "-p", "2");
      Traffic traffic = new Traffic(client, topics, 8, TOKENS, 21);
      CompletableFuture<Void> sending = traffic.sendSlowly(0, TOKENS);
      assertThat(client.read(topics.outputs(), PATIENCE, answers -> answers.size() >= 30))
          .hasSizeGreaterThanOrEqualTo(30);
      assertThat(flink.rest().sum(job, "onepass.recordsWritten")).isPresent();

      kafka.broker().kill();
      Awaitility.await("the gauge shows answers that wait for the broker")
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> flink.rest().sum(job, "onepass.oldestUnwrittenMillis").getAsLong() > 2_000);
      Awaitility.await("the job restarts")
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> flink.rest().wasRestarted(job));
      Awaitility.await("the sink was closed while the broker was down")
          .atMost(PATIENCE)
          .until(() -> taskManager(flink).output().matches("(?s).*Could not close .* cleanly.*"));
      kafka.restart();
      kafka.await();
      sending.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      traffic.askForAll();

      traffic.check(client.readExactly(topics.outputs(), traffic.asked(), PATIENCE));
      assertThat(taskManager(flink).output()).doesNotContain("FATAL");
      flink.cancel(job);
    }
  }

  private static ChildProcess taskManager(FlinkProcesses flink) {
    assertThat(flink.aliveTaskManagers()).as("task managers that are alive").hasSize(1);
    return flink.aliveTaskManagers().get(0);
  }
}
