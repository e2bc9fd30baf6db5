// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;
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
import java.util.Random;
import java.util.TreeSet;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/**
 * Tests a sequence that becomes hot in a running job. The job is stopped and resumed with shards,
 * under exactly-once, and later loses a task manager. Every query must be answered once and
 * correctly.
 */
class ShardsITCase extends OnCluster {

  private static final int TOKENS = 3_000;

  private static Map<String, String> options(String... more) {
    Map<String, String> options = new HashMap<>();
    options.put("sketch.key-dim", "4");
    options.put("sketch.type", "polynomial");
    options.put("sketch.state-size", "16KiB");
    options.put("onepass.logit-bound", "2");
    options.put("onepass.tolerance", "0.001");
    options.put("kafka.delivery-guarantee", "exactly-once");
    options.put("kafka.transactional-id-prefix", "shards");
    options.put("as-of.timeout", "5 min");
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return options;
  }

  @Test
  void everyQueryIsAnsweredOnceWhenASequenceBecomesHot() throws Exception {
    Client.Topics topics = cluster.createTopics("shards", Map.of());
    Vectors hot = new Vectors("hot", TOKENS, 4, 4, 0.25, 1);
    Vectors cold = new Vectors("cold", 200, 4, 4, 0.25, 2);
    Map<String, float[]> asked = new HashMap<>();
    Random random = new Random(3);

    FlinkJob first = cluster.submit(topics, options(), 1, SavepointRestoreSettings.none());
    send(topics, hot, 0, 1_000);
    send(topics, cold, 0, 100);
    ask(topics, hot, 1_000, asked, random);
    ask(topics, cold, 100, asked, random);
    await(topics, asked.size());
    String savepoint = first.stopWithSavepoint(directory.resolve("savepoints"));
    cluster.submit(
        topics,
        options("shards.count", "4", "shards.sequences", "hot"),
        2,
        SavepointRestoreSettings.forPath(savepoint));
    for (int from = 1_000; from < TOKENS; from += 500) {
      ask(topics, hot, from + 500, asked, random);
      send(topics, hot, from, from + 500);
      ask(topics, hot, from + 250, asked, random);
      await(topics, asked.size());
      if (from == 2_000) {
        cluster.replaceTaskManager();
      }
    }
    send(topics, cold, 100, 200);
    ask(topics, cold, 200, asked, random);

    List<ConsumerRecord<byte[], byte[]>> outputs =
        cluster.readExactly(topics.outputs(), asked.size(), Duration.ofSeconds(90));

    assertThat(outputs.stream().map(Written::queryId))
        .containsExactlyInAnyOrderElementsOf(asked.keySet());
    TreeSet<Boolean> exact = new TreeSet<>();
    for (ConsumerRecord<byte[], byte[]> output : outputs) {
      JsonNode answer = Records.parse(output.value());
      String id = answer.get("query_id").textValue();
      Vectors vectors = id.startsWith("hot") ? hot : cold;
      int tokens = answer.get("tokens").intValue();
      long asOf = Long.parseLong(id.split("@")[1]);
      assertThat((long) tokens).as(id).isBetween(asOf, (long) vectors.count);
      assertThat(answer.get("timed_out").booleanValue()).as(id).isFalse();
      exact.add(answer.get("exact").booleanValue());
      if (answer.get("position").intValue() == tokens - 1) {
        // Otherwise one shard was ahead of another, and the test cannot tell which tokens the
        // answer covers.
        double[] truth = vectors.attention(asked.get(id), tokens);
        double[] given = Records.doubles(answer.get("outputs").get(0));
        assertThat(given).as(id).containsExactly(truth, within(0.01));
      }
    }
    assertThat(exact).containsExactly(false, true);
    assertThat(cluster.read(topics.deadLetters(), Duration.ofSeconds(2), soFar -> false)).isEmpty();
  }

  private static void send(Client.Topics topics, Vectors vectors, int from, int to) {
    for (int j = from; j < to; j++) {
      cluster.sendToken(topics, vectors, j);
    }
    cluster.flush();
  }

  private static void ask(
      Client.Topics topics, Vectors vectors, int asOf, Map<String, float[]> asked, Random random) {
    float[] query = Vectors.gaussian(random, 4, 1);
    String id = vectors.sequence + asked.size() + "@" + asOf;
    asked.put(id, query);
    cluster.send(
        topics.queries(),
        Records.bytes(vectors.sequence),
        Records.bytes(Records.query(id, asOf, query)));
    cluster.flush();
  }

  private static void await(Client.Topics topics, int answers) {
    List<ConsumerRecord<byte[], byte[]>> outputs =
        cluster.read(topics.outputs(), Duration.ofSeconds(90), all -> all.size() >= answers);
    assertThat(outputs).hasSize(answers);
  }
}
