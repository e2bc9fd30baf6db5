// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Sends tokens of several sequences in turn, with queries between them, and checks the answers. */
final class Traffic {

  /** Job options under which answers stay within the bound of {@link #check}. */
  static final Map<String, String> OPTIONS =
      Map.of(
          "as-of.timeout", "10 min",
          "as-of.max-waiting", "1000",
          "sketch.key-dim", "4",
          "sketch.state-size", "64KiB",
          "sketch.type", "polynomial",
          "onepass.logit-bound", "3",
          "onepass.tolerance", "0.001");

  private static final int DIM = 4;
  private static final int QUERY_EVERY = 50;

  /**
   * Largest error of an output. Logits stay below 3, for which the options set a tolerance of
   * 0.001, and values stay below 6.
   */
  private static final double WITHIN_BOUND = 2 * 0.001 * 6 + 0.001;

  private final Client client;
  private final Client.Topics topics;
  private final Map<String, Vectors> sequences = new LinkedHashMap<>();
  private final Map<String, float[]> asked = new HashMap<>();
  private final Random random;
  private final int tokens;

  /**
   * Prepares traffic without sending it.
   *
   * @param sequences number of sequences
   * @param tokens number of tokens of each sequence
   */
  Traffic(Client client, Client.Topics topics, int sequences, int tokens, long seed) {
    this.client = client;
    this.topics = topics;
    this.tokens = tokens;
    random = new Random(seed);
    for (int i = 0; i < sequences; i++) {
      this.sequences.put("s" + i, new Vectors("s" + i, tokens, DIM, DIM, 0.3, 100 * seed + i));
    }
  }

  /**
   * Returns {@link #OPTIONS} with exactly-once.
   *
   * @param prefix prefix of the job's transactional ids
   */
  static Map<String, String> exactlyOnce(String prefix) {
    Map<String, String> options = new HashMap<>(OPTIONS);
    options.put("kafka.delivery-guarantee", "exactly-once");
    options.put("kafka.transactional-id-prefix", prefix);
    return options;
  }

  /**
   * Sends tokens of every sequence, with queries between them.
   *
   * @param from first position
   * @param to position after the last one
   */
  void send(int from, int to) {
    for (int j = from; j < to; j++) {
      send(j);
    }
    client.flush();
  }

  /** Does the same on a separate thread, at about 200 positions per second. */
  CompletableFuture<Void> sendSlowly(int from, int to) {
    return CompletableFuture.runAsync(
        () -> {
          for (int j = from; j < to; j++) {
            send(j);
            LockSupport.parkNanos(5_000_000);
          }
          client.flush();
        });
  }

  /** Sends a position of every sequence. Sequences ask in turn, so that answers come steadily. */
  private void send(int j) {
    int turn = j % QUERY_EVERY;
    for (Vectors vectors : sequences.values()) {
      client.sendToken(topics, vectors, j);
      if (turn % QUERY_EVERY == QUERY_EVERY - 1) {
        ask(vectors, vectors.sequence + "@" + (j + 1), j + 1);
      }
      turn += QUERY_EVERY / sequences.size();
    }
  }

  /** Sends each sequence a query for all its tokens, including those that are not sent yet. */
  void askForAll() {
    for (Vectors vectors : sequences.values()) {
      ask(vectors, "end-" + vectors.sequence, tokens);
    }
    client.flush();
  }

  private void ask(Vectors vectors, String id, int asOf) {
    asked.put(id, Vectors.gaussian(random, DIM, 1));
    client.send(
        topics.queries(),
        Records.bytes(vectors.sequence),
        Records.bytes(Records.query(id, asOf, asked.get(id))));
  }

  /** Returns the number of queries sent so far. */
  int asked() {
    return asked.size();
  }

  /**
   * Checks that every query was answered exactly once, that no token was lost or taken twice, and
   * that each answer is close to exact attention over the tokens that it covers.
   */
  void check(List<ConsumerRecord<byte[], byte[]>> outputs) {
    assertThat(Written.queryIds(outputs)).containsExactlyInAnyOrderElementsOf(asked.keySet());
    for (ConsumerRecord<byte[], byte[]> output : outputs) {
      JsonNode answer = Records.parse(output.value());
      String id = answer.get("query_id").textValue();
      assertThat(answer.get("timed_out").booleanValue()).as(id).isFalse();
      long seen = answer.get("tokens").longValue();
      assertThat(seen).as(id).isBetween(1L, (long) tokens);
      // Positions begin at 0 and have no gaps, so this shows a token that was lost or taken twice.
      assertThat(answer.get("position").longValue()).as(id).isEqualTo(seen - 1);
      Vectors vectors = sequences.get(answer.get("sequence").textValue());
      double[] truth = vectors.attention(asked.get(id), (int) seen);
      double[] given = Records.doubles(answer.get("outputs").get(0));
      assertThat(given).as(id).containsExactly(truth, within(WITHIN_BOUND));
      if (id.startsWith("end-")) {
        assertThat(seen).as(id).isEqualTo(tokens);
      }
    }
  }
}
