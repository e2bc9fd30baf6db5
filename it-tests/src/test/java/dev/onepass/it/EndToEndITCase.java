// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** Checks that every query is answered once, and that answers match exact attention. */
class EndToEndITCase extends OnCluster {

  private static final int KEY_DIM = 4;
  private static final int VALUE_DIM = 3;
  private static final double TOLERANCE = 0.001;

  /** Above all logits here: keys have a standard deviation of 0.25, queries one of 1. */
  private static final double LOGIT_BOUND = 2;

  private record Asked(Vectors vectors, float[] first, float[] second) {}

  @Test
  void everyQueryIsAnsweredOnceAndCorrectly() throws Exception {
    Client.Topics topics = cluster.createTopics("end-to-end", Map.of());
    cluster.submit(
        topics,
        Map.of(
            "sketch.key-dim", Integer.toString(KEY_DIM),
            "sketch.value-dim", Integer.toString(VALUE_DIM),
            "sketch.state-size", "32KiB",
            "sketch.type", "polynomial",
            "onepass.logit-bound", Double.toString(LOGIT_BOUND),
            "onepass.tolerance", Double.toString(TOLERANCE)));
    List<Vectors> sequences = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      int tokens = i < 4 ? 6_000 : 1 + 7 * i;
      sequences.add(new Vectors("s" + i, tokens, KEY_DIM, VALUE_DIM, 0.25, i));
    }
    for (int j = 0; j < 6_000; j++) {
      for (Vectors vectors : sequences) {
        if (j < vectors.count) {
          cluster.sendToken(topics, vectors, j);
        }
      }
    }
    Map<String, Asked> asked = new HashMap<>();
    Random random = new Random(99);
    for (Vectors vectors : sequences) {
      for (long asOf : List.of((vectors.count + 1) / 2, vectors.count)) {
        float[] first = Vectors.gaussian(random, KEY_DIM, 1);
        float[] second = Vectors.gaussian(random, KEY_DIM, 1);
        String id = vectors.sequence + "@" + asOf;
        asked.put(id, new Asked(vectors, first, second));
        ProducerRecord<byte[], byte[]> query =
            new ProducerRecord<>(
                topics.queries(),
                Records.bytes(vectors.sequence),
                Records.bytes(Records.query(id, asOf, first, second)));
        query.headers().add("trace", Records.bytes(id));
        cluster.send(query);
      }
    }
    cluster.flush();

    List<ConsumerRecord<byte[], byte[]>> outputs =
        cluster.readExactly(topics.outputs(), asked.size(), Duration.ofSeconds(90));

    assertThat(Written.queryIds(outputs)).containsExactlyInAnyOrderElementsOf(asked.keySet());
    int sketched = 0;
    for (ConsumerRecord<byte[], byte[]> output : outputs) {
      JsonNode answer = Records.parse(output.value());
      String id = answer.get("query_id").textValue();
      assertThat(new String(output.key(), StandardCharsets.UTF_8))
          .isEqualTo(answer.get("sequence").textValue());
      assertThat(output.headers().lastHeader("trace").value()).isEqualTo(Records.bytes(id));
      Asked query = asked.get(id);
      long asOf = Long.parseLong(id.substring(id.indexOf('@') + 1));
      assertThat(answer.get("tokens").longValue()).isGreaterThanOrEqualTo(asOf);
      assertThat(answer.get("timed_out").booleanValue()).isFalse();
      check(answer, 0, query.vectors(), query.first());
      check(answer, 1, query.vectors(), query.second());
      sketched += answer.get("exact").booleanValue() ? 0 : 1;
    }
    assertThat(sketched).as("answers of sketches").isGreaterThanOrEqualTo(4);
    assertThat(cluster.read(topics.deadLetters(), Duration.ofSeconds(2), soFar -> false)).isEmpty();
  }

  private static void check(JsonNode answer, int row, Vectors vectors, float[] query) {
    int tokens = answer.get("tokens").intValue();
    boolean exact = answer.get("exact").booleanValue();
    double[] truth = vectors.attention(query, tokens);
    double[] given = Records.doubles(answer.get("outputs").get(row));
    // Every weight has a relative error below the tolerance, so the error of the answer is at most
    // about twice the tolerance times the largest value.
    double bound =
        exact ? 1e-5 : 2 * TOLERANCE / (1 - TOLERANCE) * vectors.largestValue(tokens) + 1e-4;
    double squares = 0;
    for (int c = 0; c < VALUE_DIM; c++) {
      squares += (given[c] - truth[c]) * (given[c] - truth[c]);
    }
    assertThat(Math.sqrt(squares)).as("error of %s", answer).isCloseTo(0, within(bound));
    if (exact) {
      assertThat(answer.get("error").get(row).doubleValue()).isZero();
    } else {
      assertThat(answer.get("error").get(row).isNull()).isTrue();
      assertThat(answer.get("beyond_bound").get(row).doubleValue()).isLessThan(0.001);
    }
  }
}
