// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.sketch.sequence.Decay;
import dev.onepass.sketch.sequence.StateLayout;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;

/**
 * Checks that bad records of every kind become dead letters with a reason and their origin, and
 * that the good records around them are answered.
 */
class DeadLettersITCase extends OnCluster {

  private static final String TOKEN = "{\"key\": [1, 2], \"value\": [3, 4]}";
  private static final int LARGEST_OUTPUT = 20_000;

  private record Bad(boolean query, byte[] key, byte[] value, String reason) {}

  private static Bad token(String value, String reason) {
    return new Bad(false, Records.bytes("bad"), Records.bytes(value), reason);
  }

  private static Bad query(String value, String reason) {
    return new Bad(true, Records.bytes("bad"), Records.bytes(value), reason);
  }

  private static List<Bad> badRecords() {
    byte[] token = Records.bytes(TOKEN);
    return List.of(
        new Bad(false, null, token, "record key: missing"),
        new Bad(false, new byte[0], token, "record key: must have 1 to 1024 bytes, got 0"),
        new Bad(false, new byte[1025], token, "record key: must have 1 to 1024 bytes, got 1025"),
        new Bad(false, new byte[] {(byte) 0xc3, 0x28}, token, "record key: not valid UTF-8"),
        token("not json", "record value: not valid JSON"),
        token("{\"key\": [1, 2], \"value\": [3,", "record value: not valid JSON"),
        token("[1, 2]", "record value: not a JSON object"),
        token(
            "{\"key\": [1, 2], \"key\": [1, 2], \"value\": [3, 4]}",
            "record value: not valid JSON"),
        token("{\"value\": [3, 4]}", "key: missing"),
        token("{\"key\": [1, 2]}", "value: missing"),
        token("{\"key\": [1, 2, 3], \"value\": [3, 4]}", "key: expected length 2"),
        token("{\"key\": [1, 2], \"value\": [3]}", "value: expected length 2"),
        token("{\"key\": [1, \"2\"], \"value\": [3, 4]}", "key[1]: not a number"),
        token("{\"key\": [1, 2], \"value\": [3, 1e39]}", "value[1]: not a finite float"),
        token("{\"key\": [1, NaN], \"value\": [3, 4]}", "record value: not valid JSON"),
        token("{\"position\": -1, \"key\": [1, 2], \"value\": [3, 4]}", "position: not a whole"),
        token("{\"position\": 1.5, \"key\": [1, 2], \"value\": [3, 4]}", "position: not a whole"),
        token("{\"head\": \"x\", \"key\": [1, 2], \"value\": [3, 4]}", "head: 'x' is not declared"),
        token("{\"op\": \"drop\", \"key\": [1, 2], \"value\": [3, 4]}", "op: 'drop'"),
        token(
            "{\"op\": \"retract\", \"key\": [1, 2], \"value\": [3, 4]}",
            "op: the sequence has no such token"),
        query("{\"queries\": [[1, 2]]}", "query_id: missing"),
        query("{\"query_id\": \"q\"}", "queries: missing"),
        query(
            "{\"queryId\": \"q\", \"queries\": [[1, 2]]}",
            "queryId: unknown field; write query_id"),
        query("{\"query_id\": \"q\", \"queries\": [[1, 2]], \"asOf\": 3}", "asOf: unknown field"),
        token(
            "\0\0\0\0\21" + TOKEN,
            "record value: looks like Confluent schema-registry framing (a zero byte and the schema id 17)"),
        query("{\"query_id\": \"q\", \"queries\": []}", "queries: empty"),
        query("{\"query_id\": \"q\", \"queries\": [[1, 2], [1]]}", "queries[1]: differs in length"),
        query("{\"query_id\": \"q\", \"queries\": [[1, 2, 3]]}", "queries: expected length 2"),
        query("{\"query_id\": 7, \"queries\": [[1, 2]]}", "query_id: not a string"),
        query("{\"query_id\": \"q\", \"queries\": [[1, 2]], \"as_of\": -3}", "as_of: not a whole"),
        query("{\"query_id\": \"q\", \"recover\": {\"k\": 16}}", "recover: only"),
        query("{\"query_id\": \"q\", \"recover\": {\"k\": 0}}", "recover.k: not a whole number"),
        query("{\"query_id\": \"q\", \"recover\": 16}", "recover: not an object"),
        query("{\"query_id\": \"q\", \"queries\": [[1, 2]], \"stats\": true}", "queries, stats"),
        new Bad(true, Records.bytes("bad"), null, "record value: missing"));
  }

  @Test
  void badRecordsBecomeDeadLettersAndGoodOnesAreAnswered() throws Exception {
    Client.Topics topics =
        cluster.createTopics("dead", Map.of("max.message.bytes", Integer.toString(LARGEST_OUTPUT)));
    cluster.submit(
        topics,
        Map.of(
            "sketch.type", "exact",
            "sketch.state-size", "4KiB",
            "sketch.key-dim", "2",
            "records.query-max-vectors", "1000"));
    Vectors good = new Vectors("good", 100, 2, 2, 1, 5);
    Map<String, Bad> expected = new LinkedHashMap<>();
    int sent = 0;
    for (Bad bad : badRecords()) {
      cluster.sendToken(topics, good, sent++);
      send(topics, bad, expected);
    }
    while (sent < good.count) {
      cluster.sendToken(topics, good, sent++);
    }
    // From here on, the keyed operator refuses the records, not the decoder.
    cluster.send(topics.tokens(), Records.bytes("mixed"), Records.bytes(TOKEN));
    send(
        topics,
        new Bad(
            false,
            Records.bytes("mixed"),
            Records.bytes("{\"position\": 3, \"key\": [1, 2], \"value\": [3, 4]}"),
            "position: the sequence mixes tokens"),
        expected);
    int fits = StateLayout.of(2, 2, 4096, 0, Decay.NONE).exactTokens();
    Vectors full = new Vectors("full", fits + 1, 2, 2, 1, 6);
    for (int j = 0; j < fits; j++) {
      cluster.sendToken(topics, full, j);
    }
    byte[] surplus = Records.bytes(Records.token(full, fits));
    send(topics, new Bad(false, Records.bytes("full"), surplus, "sequence full"), expected);
    float[][] many = new float[900][2];
    byte[] large = Records.bytes(Records.query("large", fits, many));
    send(topics, new Bad(true, Records.bytes("full"), large, "output too large"), expected);

    float[] vector = Vectors.gaussian(new Random(1), 2, 1);
    cluster.send(
        topics.queries(),
        Records.bytes("good"),
        Records.bytes(Records.query("after", good.count, vector)));
    cluster.send(
        topics.queries(),
        Records.bytes("full"),
        Records.bytes(Records.query("kept", fits, vector)));
    cluster.flush();

    List<ConsumerRecord<byte[], byte[]>> letters =
        cluster.readExactly(topics.deadLetters(), expected.size(), Duration.ofSeconds(60));
    assertThat(letters.stream().map(DeadLettersITCase::place))
        .containsExactlyInAnyOrderElementsOf(expected.keySet());
    for (ConsumerRecord<byte[], byte[]> letter : letters) {
      Bad bad = expected.get(place(letter));
      assertThat(Written.error(letter)).startsWith(bad.reason());
      assertThat(letter.key()).isEqualTo(bad.key());
      assertThat(letter.value()).isEqualTo(bad.value());
    }
    List<ConsumerRecord<byte[], byte[]>> outputs =
        cluster.readExactly(topics.outputs(), 2, Duration.ofSeconds(30));
    assertThat(outputs).hasSize(2);
    for (ConsumerRecord<byte[], byte[]> output : outputs) {
      JsonNode answer = Records.parse(output.value());
      Vectors vectors = answer.get("sequence").textValue().equals("good") ? good : full;
      int tokens = answer.get("tokens").intValue();
      assertThat(tokens).isEqualTo(vectors == good ? good.count : fits);
      double[] truth = vectors.attention(vector, tokens);
      double[] given = Records.doubles(answer.get("outputs").get(0));
      assertThat(given).containsExactly(truth, within(1e-5));
    }
  }

  /** Sends a record and notes its topic, partition and offset, which identify its dead letter. */
  private static void send(Client.Topics topics, Bad bad, Map<String, Bad> expected)
      throws Exception {
    String topic = bad.query() ? topics.queries() : topics.tokens();
    Future<RecordMetadata> sent = cluster.send(topic, bad.key(), bad.value());
    RecordMetadata place = sent.get();
    expected.put(topic + "/" + place.partition() + "/" + place.offset(), bad);
  }

  private static String place(ConsumerRecord<byte[], byte[]> letter) {
    return Written.header(letter, "topic")
        + "/"
        + Written.header(letter, "partition")
        + "/"
        + Written.header(letter, "offset");
  }
}
