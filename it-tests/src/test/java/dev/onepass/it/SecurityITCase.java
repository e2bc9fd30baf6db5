// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.testkit.embedded.EmbeddedKafka;
import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.process.KafkaProcess;
import dev.onepass.testkit.process.Processes;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Tests the job with a login and with exactly the access rules of docs/security.md. */
@Timeout(400)
class SecurityITCase {

  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Client.Topics TOPICS = new Client.Topics("attention");
  private static final int DIM = 4;

  @RegisterExtension static final Processes PROCESSES = new Processes();

  @TempDir static Path directory;

  private static EmbeddedKafka kafka;
  private static Cluster cluster;
  private static Map<String, String> login;
  private static int lines;

  @BeforeAll
  static void startCluster() throws Exception {
    LoginBroker broker = LoginBroker.start(directory.resolve("kafka"));
    kafka = broker.kafka();
    Path secrets = Files.writeString(directory.resolve("secrets.properties"), "password=secret\n");
    login = broker.login("${file:" + secrets + ":password}");
    login.put("kafka.properties.config.providers", "file");
    login.put(
        "kafka.properties.config.providers.file.class",
        "org.apache.kafka.common.config.provider.FileConfigProvider");
    Configuration restarts =
        new Configuration()
            .set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1000)
            .set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofSeconds(2));
    cluster = Cluster.start(directory, kafka.bootstrapServers(), restarts);
    Cluster.createSinglePartitions(cluster, TOPICS);
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
    kafka.close();
  }

  @Test
  void jobNeedsTheRulesOfThePageAndNoOthers() throws Exception {
    List<String> rules =
        Page.read(Path.of(System.getProperty("security.page"))).stream()
            .flatMap(section -> section.blocks().stream())
            .filter(block -> block.language().equals("sh"))
            .map(Page.Block::text)
            .toList();
    assertThat(rules).as("rules for at-least-once, and rules that exactly-once adds").hasSize(2);

    follow(rules.get(0));
    FlinkJob atLeastOnce = cluster.submit(TOPICS, options("at-least-once"));
    send("a");
    assertThat(answered("a")).hasSize(1);
    cluster.send(TOPICS.tokens(), Records.bytes("bad"), Records.bytes("no json"));
    cluster.flush();
    assertThat(cluster.readExactly(TOPICS.deadLetters(), 1, PATIENCE)).hasSize(1);
    assertThat(cluster.awaitTopic("attention.anchors", PATIENCE)).isEqualTo("compact");
    assertThat(cluster.read("attention.anchors", PATIENCE, soFar -> !soFar.isEmpty()))
        .as("anchor sets that were learned and published")
        .isNotEmpty();
    assertThat(atLeastOnce.restarts()).isZero();
    atLeastOnce.cancel();

    FlinkJob exactlyOnce = cluster.start(TOPICS, options("exactly-once"));
    Awaitility.await("the job restarts because transactions are not allowed yet")
        .atMost(PATIENCE)
        .until(() -> exactlyOnce.restarts() > 0);
    assertThat(exactlyOnce.lastFailure())
        .hasValueSatisfying(reason -> assertThat(reason).containsIgnoringCase("authoriz"));
    follow(rules.get(1));
    send("b");
    assertThat(answered("b")).hasSize(1);
    long restarts = exactlyOnce.restarts();
    cluster.send(TOPICS.tokens(), Records.bytes("bad"), Records.bytes("no json"));
    cluster.flush();
    assertThat(cluster.read(TOPICS.deadLetters(), PATIENCE, letters -> letters.size() > 1))
        .hasSizeGreaterThan(1);
    assertThat(exactlyOnce.restarts()).isEqualTo(restarts);
    exactlyOnce.cancel();
  }

  /** Runs the commands of the page, as an administrator does. */
  private static void follow(String rules) throws IOException {
    PROCESSES.run(
        "acls-" + ++lines,
        List.of(
            "bash",
            "-euo",
            "pipefail",
            "-c",
            rules.replace("localhost:9092", kafka.bootstrapServers())),
        Map.of("PATH", KafkaProcess.tools(PROCESSES) + ":" + System.getenv("PATH")),
        PATIENCE);
  }

  private static Map<String, String> options(String guarantee) {
    Map<String, String> options = new HashMap<>(login);
    options.put("sketch.key-dim", Integer.toString(DIM));
    options.put("sketch.state-size", "16KiB");
    options.put("anchors.count", "64");
    options.put("kafka.properties.partition.discovery.interval.ms", "500");
    options.put("kafka.delivery-guarantee", guarantee);
    if (guarantee.equals("exactly-once")) {
      options.put("kafka.transactional-id-prefix", "onepass");
    }
    return options;
  }

  /** Sends enough tokens and queries to learn an anchor set, and a query over all the tokens. */
  private static void send(String sequence) {
    int tokens = 1_000;
    Vectors vectors = new Vectors(sequence, tokens, DIM, DIM, 0.3, sequence.hashCode());
    for (int j = 0; j < tokens; j++) {
      cluster.sendToken(TOPICS, vectors, j);
    }
    Random random = new Random(3);
    for (int record = 0; record < 8; record++) {
      float[][] queries = new float[20][];
      for (int q = 0; q < queries.length; q++) {
        queries[q] = Vectors.gaussian(random, DIM, 1);
      }
      ask(sequence, "learn" + record, 0, queries);
    }
    ask(sequence, "all-" + sequence, tokens, vectors.key(0));
    cluster.flush();
  }

  private static void ask(String sequence, String id, int asOf, float[]... vectors) {
    cluster.send(
        TOPICS.queries(), Records.bytes(sequence), Records.bytes(Records.query(id, asOf, vectors)));
  }

  private static List<ConsumerRecord<byte[], byte[]>> answered(String sequence) {
    List<ConsumerRecord<byte[], byte[]>> outputs =
        cluster.read(
            TOPICS.outputs(),
            PATIENCE,
            soFar -> soFar.stream().anyMatch(output -> isAll(output, sequence)));
    return outputs.stream().filter(output -> isAll(output, sequence)).toList();
  }

  private static boolean isAll(ConsumerRecord<byte[], byte[]> output, String sequence) {
    return Written.queryId(output).equals("all-" + sequence);
  }
}
