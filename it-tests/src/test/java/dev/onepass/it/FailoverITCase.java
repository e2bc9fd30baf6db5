package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.demo.cluster.FlinkJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** A task manager is lost in the middle of the stream, under exactly-once. */
class FailoverITCase extends OnCluster {

  private static final int SEQUENCES = 12;
  private static final int TOKENS = 3_000;
  private static final int QUERY_EVERY = 50;

  /** Logits stay below 3, for which the options ask a tolerance of 0.1 %; values stay below 6. */
  private static final double WITHIN_BOUND = 2 * 0.001 * 6 + 0.001;

  @Test
  void nothingIsLostAndNothingIsDoubled() throws Exception {
    Cluster.Topics topics = cluster.createTopics("failover", Map.of());
    FlinkJob job =
        cluster.submit(
            topics,
            Map.of(
                "kafka.delivery-guarantee", "exactly-once",
                "kafka.transactional-id-prefix", "failover",
                "as-of.timeout", "10 min",
                "as-of.max-waiting", "1000",
                "sketch.key-dim", "4",
                "sketch.state-size", "64KiB",
                "sketch.type", "polynomial",
                "onepass.logit-bound", "3",
                "onepass.tolerance", "0.001"));
    List<Vectors> sequences = new ArrayList<>();
    for (int i = 0; i < SEQUENCES; i++) {
      sequences.add(new Vectors("s" + i, TOKENS, 4, 4, 0.3, 100 + i));
    }
    Map<String, float[]> asked = new HashMap<>();
    Random random = new Random(3);
    for (int j = 0; j < TOKENS; j++) {
      for (Vectors vectors : sequences) {
        cluster.sendToken(topics, vectors, j);
        if (j % QUERY_EVERY == QUERY_EVERY - 1) {
          String id = vectors.sequence + "@" + (j + 1);
          float[] query = Vectors.gaussian(random, 4, 1);
          asked.put(id, query);
          cluster.send(
              topics.queries(),
              Records.bytes(vectors.sequence),
              Records.bytes(Records.query(id, j + 1, query)));
        }
      }
      if (j == TOKENS / 3) {
        // Some answers are committed, more are in flight.
        cluster.flush();
        cluster.read(topics.outputs(), Duration.ofSeconds(60), soFar -> !soFar.isEmpty());
      }
      if (j == TOKENS / 2) {
        cluster.replaceTaskManager();
      }
    }
    for (Vectors vectors : sequences) {
      String id = "end-" + vectors.sequence;
      asked.put(id, Vectors.gaussian(random, 4, 1));
      cluster.send(
          topics.queries(),
          Records.bytes(vectors.sequence),
          Records.bytes(Records.query(id, TOKENS, asked.get(id))));
    }
    cluster.flush();

    List<ConsumerRecord<byte[], byte[]>> outputs =
        cluster.readExactly(topics.outputs(), asked.size(), Duration.ofSeconds(120));

    assertThat(job.restarts()).as("restarts").isGreaterThanOrEqualTo(1);
    assertThat(outputs.stream().map(o -> Records.parse(o.value()).get("query_id").textValue()))
        .containsExactlyInAnyOrderElementsOf(asked.keySet());
    for (ConsumerRecord<byte[], byte[]> output : outputs) {
      JsonNode answer = Records.parse(output.value());
      String id = answer.get("query_id").textValue();
      assertThat(answer.get("timed_out").booleanValue()).as(id).isFalse();
      long tokens = answer.get("tokens").longValue();
      assertThat(tokens).as(id).isBetween(1L, (long) TOKENS);
      // Positions begin at 0 and none is left out, so a doubled or lost token would show here.
      assertThat(answer.get("position").longValue()).as(id).isEqualTo(tokens - 1);
      Vectors vectors = sequences.get(sequence(answer));
      double[] truth = vectors.attention(asked.get(id), (int) tokens);
      double[] given = Records.doubles(answer.get("outputs").get(0));
      assertThat(given).as(id).containsExactly(truth, within(WITHIN_BOUND));
      if (id.startsWith("end-")) {
        assertThat(tokens).as(id).isEqualTo(TOKENS);
      }
    }
    assertThat(cluster.read(topics.deadLetters(), Duration.ofSeconds(2), soFar -> false)).isEmpty();
    job.cancel();
  }

  private static int sequence(JsonNode answer) {
    return Integer.parseInt(answer.get("sequence").textValue().substring(1));
  }
}
