// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.datasets.models.Encoder;
import dev.onepass.datasets.models.EncoderModel;
import dev.onepass.datasets.models.HeadName;
import dev.onepass.datasets.models.HeadRows;
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/**
 * Tests the one-pass algorithm through broker and job: answers, recovered columns, and the closing
 * of a sequence.
 */
class OnepassITCase extends OnCluster {

  /** Recovers sparse columns: only 16 of 2 000 queries attend to the tokens with nonzero values. */
  @Test
  void sparseColumnsAreRecovered() throws Exception {
    int tokens = 8_000;
    int queries = 2_000;
    int special = 16;
    float[] keys = new float[tokens * 4];
    float[] values = new float[tokens * 2];
    for (int j = 0; j < tokens; j += 6) {
      keys[j * 4] = 4;
      values[j * 2] = 1;
      values[j * 2 + 1] = -1;
    }
    Vectors planted = new Vectors("planted", tokens, keys, values);
    float[][] asked = new float[queries][4];
    TreeSet<Long> large = new TreeSet<>();
    for (int q = 0; q < queries; q++) {
      boolean looks = q % (queries / special) == 5;
      asked[q][0] = looks ? 2 : -2;
      if (looks) {
        large.add((long) q);
      }
    }

    OnepassRun outcome =
        OnepassRun.run(
            cluster,
            "planted",
            planted,
            asked,
            Map.of(
                "sketch.key-dim", "4",
                "sketch.value-dim", "2",
                "sketch.state-size", "128KiB",
                "onepass.logit-bound", "3.4",
                "onepass.tolerance", "0.05"));

    for (int q = 0; q < queries; q += 50) {
      double[] truth = planted.attention(asked[q], tokens);
      // Every weight has an error of at most 5 %, and no value is longer than 1.5.
      assertThat(outcome.answers[q]).containsExactly(truth, within(2 * 0.05 * 1.5));
    }
    for (int c = 0; c < 2; c++) {
      Map<Long, Double> column = outcome.column(c);
      assertThat(column.keySet()).containsAll(large);
      for (long row : large) {
        assertThat(column.get(row)).isCloseTo(outcome.answers[(int) row][c], within(0.05));
      }
      assertThat(outcome.error(c)).isLessThanOrEqualTo(2 * outcome.bestTail(c, special) + 1e-3);
      assertThat(outcome.tail(c)).isCloseTo(outcome.error(c) / outcome.norm(c), within(0.05));
    }
    outcome.job.cancel();
  }

  /**
   * Recovers columns of a real head, which are not sparse. The result meets the guarantee, and the
   * reported tail shows that it leaves out most of the column.
   */
  @Test
  void columnsOfARealHeadHaveLargeTails() throws Exception {
    int tokens = 3_000;
    int queries = 512;
    HeadName flat = new HeadName(0, 7);
    HeadRows rows;
    try (Encoder model = Encoder.load(EncoderModel.ALL_MINILM_L6_V2, List.of(flat))) {
      int[] ids = model.tokenize(Path.of(System.getProperty("demo.text")), Encoder.idsFor(tokens));
      rows = model.rows(ids, tokens, done -> {}).get(flat);
    }
    Vectors head = new Vectors("head", tokens, rows.keys(), rows.values());
    float[][] asked = new float[queries][];
    for (int q = 0; q < queries; q++) {
      int row = tokens - queries + q;
      asked[q] = Arrays.copyOfRange(rows.queries(), row * rows.dim(), (row + 1) * rows.dim());
    }

    OnepassRun outcome =
        OnepassRun.run(
            cluster,
            "head",
            head,
            asked,
            Map.of(
                "sketch.key-dim", "32", "sketch.state-size", "512KiB", "onepass.recover-k", "8"));

    double squaredError = 0;
    double squares = 0;
    for (int q = 0; q < queries; q++) {
      double[] truth = head.attention(asked[q], tokens);
      for (int c = 0; c < rows.dim(); c++) {
        squaredError += Math.pow(outcome.answers[q][c] - truth[c], 2);
        squares += truth[c] * truth[c];
      }
    }
    // On this head, degree 2 has an error of 5 to 7 %.
    assertThat(Math.sqrt(squaredError / squares)).isLessThan(0.12);
    List<Double> tails = new ArrayList<>();
    for (int c = 0; c < rows.dim(); c++) {
      assertThat(outcome.error(c))
          .as("column %d", c)
          .isLessThanOrEqualTo(2 * outcome.bestTail(c, 8));
      assertThat(outcome.tail(c)).isCloseTo(outcome.error(c) / outcome.norm(c), within(0.15));
      tails.add(outcome.tail(c));
    }
    assertThat(tails.stream().mapToDouble(t -> t).average().orElseThrow()).isGreaterThan(0.7);
    outcome.job.cancel();
  }

  @Test
  void firstQueryClosesTheSequenceInThePapersForm() throws Exception {
    Vectors vectors = new Vectors("closing", 1_500, 4, 2, 0.25, 31);
    float[][] asked = new float[24][];
    for (int q = 0; q < asked.length; q++) {
      asked[q] = vectors.key(q);
    }
    OnepassRun outcome =
        OnepassRun.run(
            cluster,
            "paper",
            vectors,
            asked,
            Map.of(
                "sketch.key-dim", "4",
                "sketch.value-dim", "2",
                "sketch.state-size", "2MiB",
                "onepass.form", "paper",
                "onepass.recover-k", "12",
                "onepass.logit-bound", "0.5"));
    for (int q = 0; q < asked.length; q++) {
      double[] truth = vectors.attention(asked[q], vectors.count);
      assertThat(outcome.answers[q]).as("query %d", q).containsExactly(truth, within(0.25));
    }
    for (int c = 0; c < 2; c++) {
      assertThat(outcome.column(c)).hasSize(asked.length);
    }

    cluster.sendToken(outcome.topics, vectors, 0);
    cluster.send(
        outcome.topics.tokens(),
        Records.bytes("closing"),
        Records.bytes(Records.token(vectors, 1).put("position", 5_000)));
    cluster.flush();
    List<ConsumerRecord<byte[], byte[]>> letters =
        cluster.readExactly(outcome.topics.deadLetters(), 1, Duration.ofSeconds(30));
    assertThat(letters).hasSize(1);
    assertThat(Written.error(letters.get(0))).startsWith("closed");
    outcome.job.cancel();
  }
}
