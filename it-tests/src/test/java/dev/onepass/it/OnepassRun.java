// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A job with the one-pass family, its answers (one row for each query vector) and the columns. */
final class OnepassRun {

  private static final int PER_RECORD = 8;

  final Client.Topics topics;
  final FlinkJob job;
  final double[][] answers;
  private JsonNode recovery;

  private OnepassRun(Client.Topics topics, FlinkJob job, int queries) {
    this.topics = topics;
    this.job = job;
    answers = new double[queries][];
  }

  /**
   * Runs a job: sends all tokens, then queries over all of them, and after the answers a query that
   * recovers their columns.
   *
   * @param prefix prefix of the job's topics
   * @param asked the query vectors
   * @param options options of the job, in addition to the family
   */
  static OnepassRun run(
      Cluster cluster, String prefix, Vectors vectors, float[][] asked, Map<String, String> options)
      throws Exception {
    Client.Topics topics = cluster.createTopics(prefix, Map.of());
    Map<String, String> all = new HashMap<>(options);
    all.put("sketch.type", "onepass");
    all.put("as-of.max-waiting", "10000");
    FlinkJob job = cluster.submit(topics, all);
    for (int j = 0; j < vectors.count; j++) {
      cluster.sendToken(topics, vectors, j);
    }
    int records = 0;
    for (int q = 0; q < asked.length; q += PER_RECORD) {
      float[][] block = Arrays.copyOfRange(asked, q, Math.min(asked.length, q + PER_RECORD));
      byte[] query = Records.bytes(Records.query("q" + q, vectors.count, block));
      cluster.send(topics.queries(), Records.bytes(vectors.sequence), query);
      records++;
    }
    cluster.flush();
    OnepassRun outcome = new OnepassRun(topics, job, asked.length);
    int expected = records;
    for (ConsumerRecord<byte[], byte[]> output :
        cluster.readExactly(topics.outputs(), expected, Duration.ofSeconds(90))) {
      JsonNode answer = Records.parse(output.value());
      int first = Integer.parseInt(answer.get("query_id").textValue().substring(1));
      assertThat(answer.get("tokens").intValue()).isEqualTo(vectors.count);
      assertThat(answer.get("sketch").textValue()).isEqualTo("onepass");
      for (int i = 0; i < answer.get("outputs").size(); i++) {
        outcome.answers[first + i] = Records.doubles(answer.get("outputs").get(i));
      }
    }
    assertThat(cluster.read(topics.deadLetters(), Duration.ofSeconds(1), soFar -> !soFar.isEmpty()))
        .extracting(Written::error)
        .isEmpty();
    assertThat(Arrays.asList(outcome.answers)).doesNotContainNull();
    int k = Integer.parseInt(options.getOrDefault("onepass.recover-k", "16"));
    cluster.send(
        topics.queries(),
        Records.bytes(vectors.sequence),
        Records.bytes(Records.recover("recover", k)));
    cluster.flush();
    cluster
        .readExactly(topics.outputs(), expected + 1, Duration.ofSeconds(30))
        .forEach(
            output -> {
              JsonNode reply = Records.parse(output.value());
              if (reply.get("query_id").textValue().equals("recover")) {
                outcome.recovery = reply;
              }
            });
    assertThat(outcome.recovery).as("recovered columns").isNotNull();
    assertThat(outcome.recovery.get("rows").intValue()).isEqualTo(asked.length);
    return outcome;
  }

  /** Returns the recovered entries of a column, by row. */
  Map<Long, Double> column(int c) {
    Map<Long, Double> entries = new HashMap<>();
    recovery
        .get("columns")
        .get(c)
        .forEach(entry -> entries.put(entry.get(0).longValue(), entry.get(1).doubleValue()));
    return entries;
  }

  /** Returns the tail of a column that the job reports, relative to the norm of the column. */
  double tail(int c) {
    return recovery.get("tail").get(c).doubleValue();
  }

  /** Returns the norm of a column of the answers. */
  double norm(int c) {
    return Math.sqrt(Arrays.stream(answers).mapToDouble(y -> y[c] * y[c]).sum());
  }

  /** Returns the norm of the difference between a column and its recovered entries. */
  double error(int c) {
    Map<Long, Double> column = column(c);
    double squares = 0;
    for (int q = 0; q < answers.length; q++) {
      squares += Math.pow(answers[q][c] - column.getOrDefault((long) q, 0.0), 2);
    }
    return Math.sqrt(squares);
  }

  /** Returns the norm of a column without its k largest entries. */
  double bestTail(int c, int k) {
    double[] squares = Arrays.stream(answers).mapToDouble(y -> y[c] * y[c]).sorted().toArray();
    return Math.sqrt(Arrays.stream(squares, 0, squares.length - k).sum());
  }
}
