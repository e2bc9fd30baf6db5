// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** Tests {@code order.mode: event-time}, in which the timestamps of records decide their order. */
class EventTimeITCase extends OnCluster {

  private static final int TOKENS = 400;
  private static final long YEAR_2100 = 4_102_444_800_000L;

  /** Topic settings without which the broker refuses timestamps in the future. */
  private static final Map<String, String> OF_ANY_TIME =
      Map.of("message.timestamp.after.max.ms", Long.toString(Long.MAX_VALUE));

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Map<String, String> EVENT_TIME =
      Map.of(
          "sketch.key-dim", "4",
          "sketch.value-dim", "2",
          "order.mode", "event-time",
          "order.lateness", "10 s",
          "order.idleness", "10 s");
  private static final Map<String, String> ARRIVAL =
      Map.of("sketch.key-dim", "4", "sketch.value-dim", "2");

  /** Time of the first token, an hour ago: brokers refuse timestamps far from their clock. */
  private final long begin = System.currentTimeMillis() - 3_600_000;

  private static void send(String topic, int partition, long timestamp, String key, byte[] value) {
    cluster.send(new ProducerRecord<>(topic, partition, timestamp, Records.bytes(key), value));
  }

  private void sendToken(Client.Topics topics, Vectors vectors, int j, int partition) {
    byte[] token = Records.bytes(Records.token(vectors, j));
    send(topics.tokens(), partition, begin + 100L * j, vectors.sequence, token);
  }

  /** Sends a query whose timestamp lies in the history, just after the first {@code tokens}. */
  private void ask(Client.Topics topics, Vectors vectors, int partition, int tokens) {
    byte[] query =
        Records.bytes(Records.query(vectors.sequence + "-" + tokens, 0, vectors.key(tokens)));
    // The last of these tokens has the same timestamp, and tokens come before queries.
    long timestamp = begin + 100L * (tokens - 1);
    send(topics.queries(), partition, timestamp, vectors.sequence, query);
  }

  private static void assertAnswers(Client.Topics topics, int count, Vectors... sequences) {
    Map<String, Vectors> byName = new HashMap<>();
    for (Vectors vectors : sequences) {
      byName.put(vectors.sequence, vectors);
    }
    List<ConsumerRecord<byte[], byte[]>> outputs =
        cluster.readExactly(topics.outputs(), count, PATIENCE);
    assertThat(outputs).hasSize(count);
    for (ConsumerRecord<byte[], byte[]> output : outputs) {
      JsonNode answer = Records.parse(output.value());
      String id = answer.get("query_id").textValue();
      Vectors vectors = byName.get(answer.get("sequence").textValue());
      int tokens = Integer.parseInt(id.substring(id.indexOf('-') + 1));
      assertThat(answer.get("tokens").intValue()).as(id).isEqualTo(tokens);
      assertThat(Records.doubles(answer.get("outputs").get(0)))
          .as(id)
          .containsExactly(vectors.attention(vectors.key(tokens), tokens), within(1e-5));
    }
  }

  /**
   * Sends all queries before the first token, and the two token partitions one after the other; a
   * third partition stays empty. Each answer must cover exactly the tokens with timestamps up to
   * that of its query.
   */
  @Test
  void answersFollowTheOrderOfTimestamps() throws Exception {
    Client.Topics topics = cluster.createTopics("ordered", Map.of());
    Vectors even = new Vectors("even", TOKENS, 4, 2, 0.5, 61);
    Vectors odd = new Vectors("odd", TOKENS, 4, 2, 0.5, 62);
    int asked = 0;
    for (int tokens = TOKENS - 10; tokens > 0; tokens -= 10) {
      ask(topics, even, 0, tokens);
      ask(topics, odd, 1, tokens);
      asked += 2;
    }
    cluster.flush();
    // With more subtasks than partitions, some subtasks read nothing.
    FlinkJob job = cluster.submit(topics, EVENT_TIME, 4, SavepointRestoreSettings.none());
    send(topics.tokens(), 0, begin, "even", Records.bytes("no token"));
    for (int j = 0; j < TOKENS; j++) {
      sendToken(topics, even, j, 0);
    }
    cluster.flush();
    for (int j = 0; j < TOKENS; j++) {
      sendToken(topics, odd, j, 1);
    }
    cluster.flush();

    assertAnswers(topics, asked, even, odd);
    send(topics.tokens(), 1, begin, "odd", Records.bytes(Records.token(odd, 0)));
    cluster.flush();
    List<ConsumerRecord<byte[], byte[]>> letters =
        cluster.readExactly(topics.deadLetters(), 2, PATIENCE);
    assertThat(letters).hasSize(2);
    assertThat(letters.get(0).value()).isEqualTo(Records.bytes("no token"));
    assertThat(Written.error(letters.get(0))).startsWith("record value: not valid JSON");
    assertThat(Written.error(letters.get(1)))
        .startsWith("timestamp: " + begin + " is late")
        .contains("order.lateness");
    assertThat(Written.header(letters.get(1), "partition")).isEqualTo("1");
    job.cancel();
  }

  /**
   * Changes the order from arrival to event time and back, through savepoints. Flink refuses the
   * change while records wait in state, because it would lose them.
   */
  @Test
  void orderCanBeChangedThroughSavepoints() throws Exception {
    Client.Topics topics = cluster.createTopics("changed", Map.of());
    Vectors vectors = new Vectors("s", TOKENS, 4, 2, 0.5, 63);
    FlinkJob arrival = cluster.submit(topics, ARRIVAL);
    for (int j = 0; j < 100; j++) {
      sendToken(topics, vectors, j, 0);
    }
    cluster.flush();
    askNow(topics, vectors, 100);
    cluster.flush();
    assertAnswers(topics, 1, vectors);
    String first = arrival.stopWithSavepoint(directory.resolve("savepoints"));

    Map<String, String> patient = new HashMap<>(EVENT_TIME);
    patient.put("order.idleness", "1 h");
    FlinkJob ordered = cluster.submit(topics, patient, 2, SavepointRestoreSettings.forPath(first));
    for (int j = 100; j < 200; j++) {
      sendToken(topics, vectors, j, 0);
    }
    cluster.flush();
    String waiting = ordered.stopWithSavepoint(directory.resolve("savepoints"));
    assertThatThrownBy(
            () -> cluster.submit(topics, ARRIVAL, 2, SavepointRestoreSettings.forPath(waiting)))
        .hasStackTraceContaining("--allowNonRestoredState");

    // The job resumes in event-time order and is drained. After that no record waits in state.
    FlinkJob again = cluster.submit(topics, patient, 3, SavepointRestoreSettings.forPath(waiting));
    String drained = again.drainWithSavepoint(directory.resolve("savepoints"));
    FlinkJob back =
        cluster.submit(topics, ARRIVAL, 2, SavepointRestoreSettings.forPath(drained, true));
    askNow(topics, vectors, 200);
    cluster.flush();
    assertAnswers(topics, 2, vectors);
    back.cancel();
  }

  /**
   * Sends records with timestamps in the far future, followed by silence. Each must become a dead
   * letter, and later records must be answered, in this job and after a restore.
   */
  @Test
  void recordsOfTheFutureMakeNoOtherRecordLate() throws Exception {
    Client.Topics topics = cluster.createTopics("future", OF_ANY_TIME, Map.of());
    Map<String, String> options = new HashMap<>(EVENT_TIME);
    options.put("order.idleness", "2 s");
    Vectors first = new Vectors("first", TOKENS, 4, 2, 0.5, 64);
    Vectors second = new Vectors("second", TOKENS, 4, 2, 0.5, 65);
    Vectors third = new Vectors("third", TOKENS, 4, 2, 0.5, 66);
    FlinkJob job = cluster.submit(topics, options);

    send(topics.tokens(), 0, YEAR_2100, "first", Records.bytes(Records.token(first, 0)));
    send(topics.queries(), 0, Long.MAX_VALUE, "first", Records.bytes("whatever it says"));
    sendNow(topics, first, 0, 0, 50);
    // This answer comes when order.idleness has passed.
    assertAnswers(topics, 1, first);
    sendNow(topics, first, 0, 50, 100);
    sendNow(topics, second, 1, 0, 50);
    assertAnswers(topics, 3, first, second);
    assertOfTheFuture(topics, 2);

    send(topics.tokens(), 1, YEAR_2100, "second", Records.bytes(Records.token(second, 50)));
    sendNow(topics, second, 1, 50, 100);
    String savepoint = job.stopWithSavepoint(directory.resolve("savepoints"));
    FlinkJob wider =
        cluster.submit(topics, options, 3, SavepointRestoreSettings.forPath(savepoint));
    sendNow(topics, first, 0, 100, 150);
    sendNow(topics, third, 2, 0, 50);
    assertAnswers(topics, 6, first, second, third);
    assertOfTheFuture(topics, 3);
    wider.cancel();
  }

  /**
   * Sends records without a timestamp and with timestamps in seconds, which brokers accept. Each
   * must become a dead letter that names the cause, without delaying other records.
   */
  @Test
  void recordsWithoutAValidTimestampAreDeadLetters() throws Exception {
    Client.Topics topics = cluster.createTopics("timeless", Map.of());
    Map<String, String> options = new HashMap<>(EVENT_TIME);
    options.put("order.idleness", "2 s");
    Vectors vectors = new Vectors("s", TOKENS, 4, 2, 0.5, 68);
    FlinkJob job = cluster.submit(topics, options);

    cluster.send(timeless(topics.tokens(), 1, Records.token(vectors, 0)));
    cluster.send(timeless(topics.queries(), 1, Records.query("q", 0, vectors.key(0))));
    long seconds = System.currentTimeMillis() / 1_000;
    send(topics.tokens(), 2, seconds, "s", Records.bytes(Records.token(vectors, 0)));
    sendNow(topics, vectors, 0, 0, 50);

    assertAnswers(topics, 1, vectors);
    assertThat(cluster.readExactly(topics.deadLetters(), 3, PATIENCE))
        .extracting(Written::error)
        .satisfiesExactlyInAnyOrder(
            error -> assertThat(error).startsWith("timestamp: -1, the record has none"),
            error -> assertThat(error).startsWith("timestamp: -1, the record has none"),
            error -> assertThat(error).startsWith("timestamp: " + seconds + " looks like seconds"));
    job.cancel();
  }

  /**
   * Returns a record without a timestamp (-1). The constructor of the record refuses this value,
   * but the producer sends whatever the record returns.
   */
  private static ProducerRecord<byte[], byte[]> timeless(
      String topic, int partition, JsonNode value) {
    return new ProducerRecord<>(topic, partition, Records.bytes("s"), Records.bytes(value)) {
      @Override
      public Long timestamp() {
        return -1L;
      }
    };
  }

  /** Restores a savepoint with a watermark of 2100: later records must not count as late. */
  @Test
  void savepointWithAWatermarkInTheFutureIsUsable() throws Exception {
    Client.Topics topics = cluster.createTopics("century", OF_ANY_TIME, Map.of());
    Map<String, String> options = new HashMap<>(EVENT_TIME);
    options.put("order.idleness", "2 s");
    Map<String, String> unbounded = new HashMap<>(options);
    unbounded.put("order.ahead", "36500 d");
    Vectors vectors = new Vectors("s", TOKENS, 4, 2, 0.5, 67);
    FlinkJob job = cluster.submit(topics, unbounded);
    send(topics.tokens(), 0, YEAR_2100, "s", Records.bytes(Records.token(vectors, 0)));
    byte[] query = Records.bytes(Records.query("s-1", 0, vectors.key(1)));
    send(topics.queries(), 0, YEAR_2100, "s", query);
    cluster.flush();
    assertAnswers(topics, 1, vectors);
    String savepoint = job.stopWithSavepoint(directory.resolve("savepoints"));

    FlinkJob bounded =
        cluster.submit(topics, options, 3, SavepointRestoreSettings.forPath(savepoint));
    sendNow(topics, vectors, 0, 1, 50);
    assertAnswers(topics, 2, vectors);
    assertThat(cluster.readExactly(topics.deadLetters(), 0, Duration.ofSeconds(1))).isEmpty();
    bounded.cancel();
  }

  /**
   * Sends tokens and a query for all tokens so far, with the current time as timestamp.
   *
   * @param from position of the first token
   * @param to position after the last token
   */
  private static void sendNow(
      Client.Topics topics, Vectors vectors, int partition, int from, int to) {
    long now = System.currentTimeMillis();
    for (int j = from; j < to; j++) {
      byte[] token = Records.bytes(Records.token(vectors, j));
      send(topics.tokens(), partition, now, vectors.sequence, token);
    }
    byte[] query = Records.bytes(Records.query(vectors.sequence + "-" + to, 0, vectors.key(to)));
    send(topics.queries(), partition % 2, now, vectors.sequence, query);
    cluster.flush();
  }

  private static void assertOfTheFuture(Client.Topics topics, int count) {
    assertThat(cluster.readExactly(topics.deadLetters(), count, PATIENCE))
        .hasSize(count)
        .extracting(Written::error)
        .allMatch(error -> error.startsWith("timestamp: ") && error.contains("order.ahead"));
  }

  private static void askNow(Client.Topics topics, Vectors vectors, int tokens) {
    String id = vectors.sequence + "-" + tokens;
    byte[] query = Records.bytes(Records.query(id, tokens, vectors.key(tokens)));
    cluster.send(topics.queries(), Records.bytes(vectors.sequence), query);
  }
}
