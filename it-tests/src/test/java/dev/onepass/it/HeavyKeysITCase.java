// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.it.EitherFormat.Reply;
import dev.onepass.it.EitherFormat.Vec;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests heavy keys with a real broker: a query finds the one token that it asks for among many, in
 * the head that keeps heavy keys and not in the head that keeps none.
 */
class HeavyKeysITCase extends OnCluster {

  private static final int DIM = 8;
  private static final int VALUE_DIM = 2;
  private static final int TOKENS = 1_500;
  private static final int NEEDLE = 700;

  /** Length of the needle's key, relative to that of other keys. */
  private static final double TIMES = 5;

  private static final float NEEDLE_VALUE = 6;

  private final Vectors tokens = withNeedle();
  private final float[] query = askingForNeedle(tokens);
  private final List<Vec> queries = List.of(Vec.dense(query));

  /** Returns normal keys, one of which is far longer and has an uncommon value. Seed 17. */
  private static Vectors withNeedle() {
    Vectors tokens = new Vectors("s", TOKENS, DIM, VALUE_DIM, 1, 17);
    double squares = 0;
    for (float x : tokens.key(NEEDLE)) {
      squares += x * x;
    }
    for (int i = 0; i < DIM; i++) {
      tokens.keys[NEEDLE * DIM + i] *= (float) (TIMES * Math.sqrt(DIM / squares));
    }
    tokens.values[NEEDLE * VALUE_DIM] = NEEDLE_VALUE;
    return tokens;
  }

  /** Returns a query for which the logit of the needle is ln n + 2; others deviate by 0.7. */
  private static float[] askingForNeedle(Vectors tokens) {
    float[] query = tokens.key(NEEDLE);
    for (int i = 0; i < DIM; i++) {
      query[i] *= (float) ((Math.log(TOKENS) + 2) / (TIMES * TIMES * DIM));
    }
    return query;
  }

  private double[] truth(Vectors of) {
    return ExactAttention.attention(query, 1, of.keys, of.values, of.count, DIM, VALUE_DIM, 1)
        .outputs();
  }

  private Vectors withoutNeedle() {
    float[] keys = new float[(TOKENS - 1) * DIM];
    float[] values = new float[(TOKENS - 1) * VALUE_DIM];
    remove(tokens.keys, DIM, keys);
    remove(tokens.values, VALUE_DIM, values);
    return new Vectors("s", TOKENS - 1, keys, values);
  }

  private static void remove(float[] from, int dim, float[] to) {
    System.arraycopy(from, 0, to, 0, NEEDLE * dim);
    System.arraycopy(from, (NEEDLE + 1) * dim, to, NEEDLE * dim, to.length - NEEDLE * dim);
  }

  private static Map<String, String> options(String format) {
    return Map.of(
        "records.format", format,
        "heads", "keeps,plain",
        "sketch.type", "polynomial",
        "sketch.key-dim", Integer.toString(DIM),
        "sketch.value-dim", Integer.toString(VALUE_DIM),
        "sketch.scale", "1",
        "sketch.state-size", "16KiB",
        "heavy.share", "0.2",
        "head.plain.heavy.share", "0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "protobuf"})
  void aNeedleIsFoundAfterARestartAndUntilItIsRetracted(String format) throws Exception {
    Client.Topics topics = cluster.createTopics("heavy-" + format, Map.of());
    FormatClient client = new FormatClient(cluster, topics, new EitherFormat(format));
    FlinkJob first = cluster.submit(topics, options(format));
    for (int j = 0; j < TOKENS; j++) {
      for (String head : List.of("keeps", "plain")) {
        client.add(head, "s", Vec.dense(tokens.key(j)), Vec.dense(tokens.value(j)));
      }
    }
    double[] truth = truth(tokens);
    assertThat(truth[0]).as("exact attention").isGreaterThan(NEEDLE_VALUE / 2);
    Reply found = client.ask("keeps", "s", TOKENS, queries);
    assertThat(found.exact()).isFalse();
    assertThat(found.sketch()).as("the inner family").isEqualTo("polynomial");
    assertThat(found.outputs().get(0).get(0)).isCloseTo(truth[0], within(0.3));
    Reply missed = client.ask("plain", "s", TOKENS, queries);
    assertThat(missed.sketch()).isEqualTo("polynomial");
    assertThat(missed.outputs().get(0).get(0)).isLessThan(truth[0] / 2);

    String savepoint = first.stopWithSavepoint(directory.resolve("savepoints"));
    FlinkJob second =
        cluster.submit(topics, options(format), 1, SavepointRestoreSettings.forPath(savepoint));
    Reply restored = client.ask("keeps", "s", TOKENS, queries);
    assertThat(restored.outputs()).isEqualTo(found.outputs());
    assertThat(restored.logNormalizers()).isEqualTo(found.logNormalizers());

    client.retract("keeps", "s", Vec.dense(tokens.key(NEEDLE)), Vec.dense(tokens.value(NEEDLE)));
    Reply left = client.askUntilLeft("keeps", "s", TOKENS - 1, queries);
    double[] rest = truth(withoutNeedle());
    assertThat(Arrays.stream(rest).map(Math::abs).max().orElseThrow()).isLessThan(1);
    assertThat(left.outputs().get(0).get(0)).isCloseTo(rest[0], within(0.2));
    assertThat(left.outputs().get(0).get(1)).isCloseTo(rest[1], within(0.2));
    assertThat(client.errors()).isEmpty();
    assertThat(second.restarts()).isZero();
    second.cancel();
  }
}
