// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.testkit.embedded.EmbeddedKafka;
import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests a tokens topic of which one byte has changed on the broker's disk. */
@Timeout(300)
class DamagedBatchITCase {

  private static final int TOKENS = 20;
  private static final int DAMAGED = 10;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir static Path directory;

  @Test
  void jobStopsAtTheBatchAndContinuesWithoutChecksums() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Client.Topics topics = new Client.Topics("damaged");
    Vectors vectors = new Vectors("s", TOKENS, 2, 2, 1, 5);
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), port);
        Client client = new Client(kafka.bootstrapServers())) {
      Cluster.createSinglePartitions(client, topics);
      for (int j = 0; j < TOKENS; j++) {
        client.sendToken(topics, vectors, j);
        client.flush(); // makes each token a batch
      }
    }
    damage(directory.resolve("kafka").resolve(topics.tokens() + "-0"));
    Configuration restarts =
        new Configuration().set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1000);
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), port);
        Cluster cluster = Cluster.start(directory, kafka.bootstrapServers(), restarts)) {
      Map<String, String> options = new HashMap<>();
      options.put("sketch.type", "exact");
      options.put("sketch.key-dim", "2");
      FlinkJob job = cluster.start(topics, options);
      Awaitility.await("the job restarts at the damaged batch")
          .atMost(PATIENCE)
          .until(() -> job.restarts() > 2);
      assertThat(job.lastFailure())
          .hasValueSatisfying(
              reason ->
                  assertThat(reason)
                      .contains(
                          "batch for partition " + topics.tokens() + "-0 at offset " + DAMAGED)
                      .contains("is invalid"));
      job.cancel();

      options.put("kafka.properties.check.crcs", "false");
      FlinkJob unchecked = cluster.submit(topics, options);
      cluster.send(
          topics.queries(),
          Records.bytes("s"),
          Records.bytes(Records.query("q", TOKENS - 1, new float[2])));
      cluster.flush();

      JsonNode answer =
          Records.parse(cluster.readExactly(topics.outputs(), 1, PATIENCE).get(0).value());
      assertThat(answer.get("tokens").intValue()).isEqualTo(TOKENS - 1);
      assertThat(cluster.readExactly(topics.deadLetters(), 1, PATIENCE))
          .singleElement()
          .extracting(letter -> Written.header(letter, "offset"))
          .isEqualTo(Integer.toString(DAMAGED));
      assertThat(unchecked.restarts()).isZero();
      unchecked.cancel();
    }
  }

  /** Changes one character of a record, so that its value is no longer valid JSON. */
  private static void damage(Path partition) throws Exception {
    Path segment = partition.resolve("00000000000000000000.log");
    byte[] bytes = Files.readAllBytes(segment);
    // This charset maps each byte to one character.
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("{\"position\":" + DAMAGED + ",");
    assertThat(at).isPositive();
    bytes[at] = '[';
    Files.write(segment, bytes);
  }
}
