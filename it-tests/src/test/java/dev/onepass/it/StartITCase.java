// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.testkit.embedded.EmbeddedKafka;
import dev.onepass.testkit.process.ChildProcess;
import dev.onepass.testkit.process.FlinkProcesses;
import dev.onepass.testkit.process.Processes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Tests what a user sees on the command line when the job does not start. */
@Timeout(300)
class StartITCase {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final String SAID = "The program finished with the following exception:";

  @RegisterExtension static final Processes PROCESSES = new Processes();

  @TempDir static Path directory;

  private static Path flink;
  private static int clients;

  @BeforeAll
  static void makeClient() throws IOException {
    flink = FlinkProcesses.clientOnly(PROCESSES).tools().resolve("flink");
  }

  private static ChildProcess run(String... command) throws IOException {
    ChildProcess client = PROCESSES.start("client-" + ++clients, List.of(command), Map.of());
    client.await(PATIENCE);
    return client;
  }

  private static String refusal(String... options) throws IOException {
    List<String> line =
        new ArrayList<>(List.of(flink.toString(), "run", "-d", JobFile.JAR.toString()));
    line.addAll(List.of(options));
    ChildProcess client = run(line.toArray(String[]::new));
    assertThat(client.await(PATIENCE)).as(client.output()).isEqualTo(1);
    // The text before it is the log, which a distribution of Flink writes to a file.
    String said = client.output().substring(client.output().indexOf(SAID) + SAID.length());
    assertThat(said).doesNotContain("\tat ").doesNotContain("Caused by");
    return said;
  }

  @Test
  void allMissingTopicsAreNamedAtOnce() throws Exception {
    EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
    try {
      kafka.createTopic("attention.queries", 1, Map.of());
      String output =
          refusal(
              "--kafka.bootstrap.servers",
              kafka.bootstrapServers(),
              "--sketch.key-dim",
              "2",
              "--topics.tokens",
              "a.tokens");
      assertThat(output)
          .contains(
              "  - a.tokens, attention.dead-letters, attention.outputs: missing at "
                  + kafka.bootstrapServers())
          .contains(
              "for topic in a.tokens attention.dead-letters attention.outputs; do kafka-topics.sh --bootstrap-server "
                  + kafka.bootstrapServers()
                  + " --create --topic $topic --partitions 4; done");
    } finally {
      kafka.close();
    }
  }

  @Test
  void unreachableBrokersAreNamed() throws Exception {
    String output = refusal("--kafka.bootstrap.servers", "localhost:1", "--sketch.key-dim", "2");
    assertThat(output)
        .contains(
            "  - kafka.bootstrap.servers: no broker of localhost:1 answered within 15 s; start");
    output =
        refusal("--kafka.bootstrap.servers", "no-such-host.invalid:9", "--sketch.key-dim", "2");
    assertThat(output)
        .contains("  - kafka.bootstrap.servers, kafka.properties.*: cannot create a client");
  }

  @Test
  void helpListsTheOptions() throws Exception {
    ChildProcess client = run(flink.toString(), "run", "-d", JobFile.JAR.toString(), "--help");
    assertThat(client.await(PATIENCE)).as(client.output()).isZero();
    assertThat(client.output())
        .contains("\nkafka.bootstrap.servers (text, no default)\n    Kafka brokers as host:port");
  }

  @Test
  void jarExplainsHowToStartItWithoutFlink() throws Exception {
    for (String argument : List.of("--help", "--config")) {
      ChildProcess java =
          run(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-jar",
              JobFile.JAR.toString(),
              argument);
      assertThat(java.await(PATIENCE)).isEqualTo(1);
      assertThat(java.output().strip()).hasLineCount(1).contains("flink run onepass-job.jar");
    }
  }
}
