// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Sends tokens and queries at a steady rate, without waiting for earlier records. */
final class Load {

  /** Job options under which every sequence of this load stays exact. */
  static final Map<String, String> OPTIONS =
      Map.of(
          "sketch.type", "exact",
          "sketch.key-dim", "8",
          "sketch.state-size", "4MiB",
          "as-of.timeout", "10 min",
          "as-of.max-waiting", "1000");

  private static final int DIM = 8;
  private static final int SEQUENCES = 10;
  private static final int LONGEST_SECONDS = 900;

  private final Client client;
  private final Client.Topics topics;
  private final Rates rates;
  private final List<Vectors> sequences = new ArrayList<>();
  private final Ledger ledger;
  private final Random random = new Random(7);
  private final List<Future<RecordMetadata>> sent = new ArrayList<>();
  private final CompletableFuture<Void> sending;
  private volatile boolean stopped;
  private int tokens;
  private int queries;

  /**
   * Records per second.
   *
   * @param tokens tokens per second, summed over all sequences
   * @param queries queries per second, summed over all sequences; at most {@code tokens}
   */
  record Rates(int tokens, int queries) {}

  private Load(Client client, Client.Topics topics, Rates rates) {
    this.client = client;
    this.topics = topics;
    this.rates = rates;
    int most = rates.tokens() * LONGEST_SECONDS / SEQUENCES;
    for (int i = 0; i < SEQUENCES; i++) {
      sequences.add(new Vectors("s" + i, most, DIM, DIM, 1, 100 + i));
    }
    ledger = new Ledger(byName());
    sending = Background.run("chaos-load", this::send);
  }

  /** Starts to send, on a separate thread. */
  static Load start(Client client, Client.Topics topics, Rates rates) {
    return new Load(client, topics, rates);
  }

  private Map<String, Vectors> byName() {
    return sequences.stream().collect(Collectors.toMap(vectors -> vectors.sequence, v -> v));
  }

  Ledger ledger() {
    return ledger;
  }

  private void send() {
    long begun = System.nanoTime();
    while (!stopped) {
      Vectors vectors = sequences.get(tokens % SEQUENCES);
      sent.add(client.sendToken(topics, vectors, tokens / SEQUENCES));
      tokens++;
      if ((long) tokens * rates.queries() / rates.tokens() > queries) {
        ask(sequences.get(queries % SEQUENCES), 0);
      }
      long due = begun + TimeUnit.SECONDS.toNanos(tokens) / rates.tokens();
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  private void ask(Vectors vectors, int asOf) {
    String id = "q" + queries++;
    float[] query = Vectors.gaussian(random, DIM, 1);
    ledger.ask(new Asked(id, vectors.sequence, query, Instant.now()));
    sent.add(
        client.send(
            topics.queries(),
            Records.bytes(vectors.sequence),
            Records.bytes(Records.query(id, asOf, query))));
  }

  /**
   * Stops the tokens, sends each sequence a query for all its tokens, and waits until the broker
   * has acknowledged every record. If the job has lost a token, that query stays unanswered.
   */
  void stop() throws Exception {
    stopped = true;
    sending.get(10, TimeUnit.SECONDS);
    for (int i = 0; i < SEQUENCES; i++) {
      ask(sequences.get(i), (tokens - i + SEQUENCES - 1) / SEQUENCES);
    }
    for (Future<RecordMetadata> record : sent) {
      record.get(3, TimeUnit.MINUTES);
    }
  }
}
