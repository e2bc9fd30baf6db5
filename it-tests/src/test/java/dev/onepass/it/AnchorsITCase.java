// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.sketch.anchors.AnchorFile;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Tests how a job reads, refuses, learns, publishes and adopts anchor sets, with a real broker. */
class AnchorsITCase extends OnCluster {

  private static final int DIM = 4;

  /** A number of tokens at which a sequence has left exact mode. */
  private static final int MANY = 1_000;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private int sequences;

  private static Map<String, String> options(String prefix, String... more) {
    Map<String, String> options = new HashMap<>();
    options.put("sketch.key-dim", Integer.toString(DIM));
    options.put("sketch.state-size", "16KiB");
    options.put("topics.anchors", prefix + ".anchors");
    options.put("kafka.properties.partition.discovery.interval.ms", "500");
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return options;
  }

  private static AnchorSet set(int version, int keyDim, long content) {
    float[] vectors = Vectors.gaussian(new Random(content), 256 * keyDim, 1);
    return AnchorSetMaker.make(version, keyDim, vectors, vectors, 16, 7);
  }

  private static String file(String name, AnchorSet set) throws IOException {
    return Files.write(
            directory.resolve(name),
            AnchorFile.toByteArray(List.of(new AnchorFile.Entry("default", set))))
        .toString();
  }

  /** Publishes a file with the command PublishAnchors, in a separate process. */
  private static void publishFile(String topic, String file) throws Exception {
    Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-cp",
                System.getProperty("job.jar")
                    + File.pathSeparator
                    + System.getProperty("java.class.path"),
                "dev.onepass.job.cli.PublishAnchors",
                "--kafka.bootstrap.servers",
                cluster.bootstrapServers(),
                "--topics.anchors",
                topic,
                "--sketch.key-dim",
                Integer.toString(DIM),
                "--anchors.file",
                file)
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).contains("published default/2, ").contains(" bytes, on " + topic);
  }

  private static void publish(String prefix, String head, byte[] set) {
    cluster.send(prefix + ".anchors", Records.bytes(head), set);
    cluster.flush();
  }

  /**
   * Sends tokens of a sequence, enough to leave exact mode, and then a query.
   *
   * @param from position of the first token to send
   * @param to position after the last token to send
   * @return version of the anchor set that the sequence has adopted; 0 if it has none
   */
  private int adopted(Client.Topics topics, String sequence, int from, int to) {
    Vectors vectors = new Vectors(sequence, to, DIM, DIM, 0.3, sequence.hashCode());
    for (int j = from; j < to; j++) {
      cluster.sendToken(topics, vectors, j);
    }
    String id = sequence + "@" + to;
    cluster.send(
        topics.queries(),
        Records.bytes(sequence),
        Records.bytes(Records.query(id, to, vectors.key(0))));
    cluster.flush();
    JsonNode answer = answer(topics, id);
    assertThat(answer.get("exact").booleanValue()).isFalse();
    assertThat(answer.get("timed_out").booleanValue()).isFalse();
    return answer.get("anchors_version").asInt(0);
  }

  private static JsonNode answer(Client.Topics topics, String id) {
    return cluster
        .read(topics.outputs(), PATIENCE, soFar -> soFar.stream().anyMatch(o -> isFor(o, id)))
        .stream()
        .filter(output -> isFor(output, id))
        .map(output -> Records.parse(output.value()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no answer to " + id));
  }

  private static boolean isFor(ConsumerRecord<byte[], byte[]> output, String id) {
    return Written.queryId(output).equals(id);
  }

  /** Sends one new sequence after the other until one of them adopts the given version. */
  private void untilAdopted(Client.Topics topics, int version) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (adopted(topics, "new" + sequences++, 0, MANY) != version) {
      assertThat(System.nanoTime()).as("a sequence adopts " + version).isLessThan(deadline);
    }
  }

  private static List<String> errors(Client.Topics topics, int count) {
    return cluster.readExactly(topics.deadLetters(), count, PATIENCE).stream()
        .map(Written::error)
        .toList();
  }

  @Test
  void readsATopicThatIsCreatedLaterAndRefusesBadSets() throws Exception {
    Client.Topics topics = cluster.createTopics("late", Map.of());
    Map<String, String> options = options("late", "sketch.type", "polynomial");
    FlinkJob job = cluster.submit(topics, options);
    assertThat(adopted(topics, "before", 0, MANY)).isZero();

    cluster.createTopic("late.anchors", Map.of("cleanup.policy", "compact"));
    publish("late", "default", set(1, DIM, 1).toByteArray());
    publish("late", "default", set(1, DIM, 1).toByteArray());
    publish("late", "default", set(1, DIM, 2).toByteArray());
    publish("late", "default", null);
    publish("late", "other", set(1, DIM, 1).toByteArray());
    publish("late", "default", set(1, DIM + 1, 1).toByteArray());
    publish("late", "default", Records.bytes("no set"));

    assertThat(errors(topics, 4))
        .satisfiesExactlyInAnyOrder(
            error ->
                assertThat(error)
                    .contains("version 1 of the anchor set of head default is already known"),
            error -> assertThat(error).contains("head 'other' is not declared"),
            error -> assertThat(error).contains("the anchor set is for keys of length 5"),
            error -> assertThat(error).contains("not an anchor set: "));

    String savepoint = job.stopWithSavepoint(directory.resolve("savepoints"));
    FlinkJob resumed =
        cluster.submit(topics, options, 3, SavepointRestoreSettings.forPath(savepoint));
    publish("late", "default", set(1, DIM, 3).toByteArray());
    assertThat(errors(topics, 5)).hasSize(5);
    assertThat(job.restarts() + resumed.restarts()).isZero();
    resumed.cancel();
  }

  @Test
  void learnsPublishesAndAdoptsASet() throws Exception {
    Client.Topics topics = cluster.createTopics("learned", Map.of());
    Map<String, String> options =
        options(
            "learned",
            "sketch.type",
            "hybrid",
            "anchors.count",
            "64",
            "kafka.delivery-guarantee",
            "exactly-once",
            "kafka.transactional-id-prefix",
            "learned");
    FlinkJob job = cluster.submit(topics, options);
    assertThat(adopted(topics, "before", 0, MANY)).isZero();

    // 64 anchors need 128 query vectors; the job samples at most 32 of one record.
    Random random = new Random(3);
    for (int record = 0; record < 8; record++) {
      float[][] queries = new float[20][];
      for (int q = 0; q < queries.length; q++) {
        queries[q] = Vectors.gaussian(random, DIM, 1);
      }
      cluster.send(
          topics.queries(),
          Records.bytes("before"),
          Records.bytes(Records.query("learn" + record, 0, queries)));
    }
    cluster.flush();
    answer(topics, "learn7");
    assertThat(cluster.awaitTopic("learned.anchors", PATIENCE)).isEqualTo("compact");
    List<ConsumerRecord<byte[], byte[]>> published =
        cluster.read("learned.anchors", PATIENCE, soFar -> !soFar.isEmpty());
    assertThat(published).hasSize(1);
    assertThat(published.get(0).key()).isEqualTo(Records.bytes("default"));
    AnchorSet first = AnchorSet.fromByteArray(published.get(0).value());
    assertThat(first.version()).isEqualTo(1);
    assertThat(first.count()).isLessThanOrEqualTo(64);

    untilAdopted(topics, 1);
    assertThat(adopted(topics, "first", 0, MANY)).isEqualTo(1);
    assertThat(adopted(topics, "before", MANY, MANY + 300)).isZero();

    publishFile("learned.anchors", file("second.anchors", set(2, DIM, 4)));
    untilAdopted(topics, 2);
    assertThat(adopted(topics, "first", MANY, MANY + 300)).isEqualTo(1);

    String savepoint = job.stopWithSavepoint(directory.resolve("savepoints"));
    FlinkJob resumed =
        cluster.submit(topics, options, 3, SavepointRestoreSettings.forPath(savepoint));
    assertThat(adopted(topics, "first", MANY + 300, MANY + 600)).isEqualTo(1);
    assertThat(adopted(topics, "before", MANY + 300, MANY + 600)).isZero();
    assertThat(adopted(topics, "second", 0, MANY)).isEqualTo(2);
    assertThat(cluster.read("learned.anchors", Duration.ofSeconds(3), soFar -> false)).hasSize(2);
    assertThat(cluster.read(topics.deadLetters(), Duration.ofSeconds(1), soFar -> false)).isEmpty();
    resumed.cancel();

    // A job without state reads the sets of the topic before its first token.
    Client.Topics fresh = cluster.createTopics("fresh", Map.of());
    Vectors backlog = new Vectors("backlog", MANY, DIM, DIM, 0.3, 8);
    for (int j = 0; j < MANY; j++) {
      cluster.sendToken(fresh, backlog, j);
    }
    FlinkJob other = cluster.submit(fresh, options("learned"));
    assertThat(adopted(fresh, "backlog", MANY, MANY + 1)).isEqualTo(2);
    other.cancel();
  }

  @Test
  void usesTheSetsOfAFileFromTheFirstTokenOn() throws Exception {
    String file = file("sets.anchors", set(3, DIM, 5));
    Client.Topics topics = cluster.createTopics("file", Map.of());
    Vectors early = new Vectors("early", MANY, DIM, DIM, 0.3, 1);
    for (int j = 0; j < MANY; j++) {
      cluster.sendToken(topics, early, j);
    }
    cluster.flush();
    FlinkJob job =
        cluster.submit(topics, options("file", "sketch.type", "hybrid", "anchors.file", file));

    cluster.send(
        topics.queries(),
        Records.bytes("early"),
        Records.bytes(Records.query("early", MANY, early.key(0))));
    cluster.flush();

    assertThat(answer(topics, "early").get("anchors_version").asInt(0)).isEqualTo(3);
    job.cancel();
  }
}
