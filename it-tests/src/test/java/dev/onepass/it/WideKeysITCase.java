// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.it.EitherFormat.Reply;
import dev.onepass.it.EitherFormat.Vec;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.wide.ColumnSample;
import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads with wide keys, with a real broker: columns learned, published, adopted, or refused. */
class WideKeysITCase extends OnCluster {

  private static final int DIM = 4_096;
  private static final int COLUMNS = 64;
  private static final int VALUE_DIM = 4;
  private static final double SCALE = 0.2;

  /** One in this many coordinates varies much: 59 of them. */
  private static final int STRIDE = 70;

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /**
   * Bound on |Y - T|_F / |T|_F, where T is exact attention over whole keys: the projection loses
   * 1.5 % of the logits' variance, and anchors interpolate.
   */
  private static final double BOUND = 0.1;

  private final Random random = new Random(4_096);
  private Client.Topics topics;
  private FormatClient client;

  /** Returns vectors of which most coordinates are small. */
  private float[] vectors(int count, double small) {
    float[] vectors = Vectors.gaussian(random, count * DIM, 1);
    for (int e = 0; e < vectors.length; e++) {
      vectors[e] *= (float) (e % DIM % STRIDE == 7 ? 1 : small);
    }
    return vectors;
  }

  private Vectors tokens(String sequence, int count) {
    float[] keys = vectors(count, 0.05);
    float[] values = new float[count * VALUE_DIM];
    for (int e = 0; e < values.length; e++) {
      int j = e / VALUE_DIM;
      values[e] = 1 + keys[j * DIM + 7 + e % VALUE_DIM * STRIDE];
    }
    return new Vectors(sequence, count, keys, values);
  }

  private float[] queries(int count) {
    return vectors(count, 0.3);
  }

  private void send(Vectors tokens, int from, int to) {
    for (int j = from; j < to; j++) {
      Vec key = Vec.dense(row(tokens.keys, j, DIM));
      client.addAt(j, tokens.sequence, key, Vec.dense(row(tokens.values, j, VALUE_DIM)));
    }
    cluster.flush();
  }

  private static float[] row(float[] matrix, int row, int dim) {
    return Arrays.copyOfRange(matrix, row * dim, (row + 1) * dim);
  }

  private Reply ask(String sequence, int asOf, float[] queries) {
    List<Vec> vectors =
        IntStream.range(0, queries.length / DIM)
            .mapToObj(q -> Vec.dense(row(queries, q, DIM)))
            .toList();
    return client.ask(null, sequence, asOf, vectors);
  }

  /** Returns |Y - T|_F / |T|_F, where T is exact attention over whole keys. */
  private static double error(Reply answer, Vectors tokens, int count, float[] queries) {
    double off = 0;
    double all = 0;
    for (int q = 0; q < queries.length / DIM; q++) {
      double[] truth = attention(tokens, count, queries, q);
      for (int c = 0; c < VALUE_DIM; c++) {
        off += Math.pow(answer.outputs().get(q).get(c) - truth[c], 2);
        all += truth[c] * truth[c];
      }
    }
    return Math.sqrt(off / all);
  }

  private static double[] attention(Vectors tokens, int count, float[] queries, int q) {
    double[] logits = new double[count];
    for (int j = 0; j < count; j++) {
      for (int i = 0; i < DIM; i++) {
        logits[j] += SCALE * queries[q * DIM + i] * tokens.keys[j * DIM + i];
      }
    }
    double max = Arrays.stream(logits).max().orElseThrow();
    double[] output = new double[VALUE_DIM];
    double den = 0;
    for (int j = 0; j < count; j++) {
      double weight = Math.exp(logits[j] - max);
      den += weight;
      for (int c = 0; c < VALUE_DIM; c++) {
        output[c] += weight * tokens.values[j * VALUE_DIM + c];
      }
    }
    for (int c = 0; c < VALUE_DIM; c++) {
      output[c] /= den;
    }
    return output;
  }

  private Map<String, String> options(String prefix, String format, int dim, int columns) {
    Map<String, String> options = new HashMap<>();
    options.put("records.format", format);
    options.put("sketch.key-dim", Integer.toString(dim));
    options.put("sketch.value-dim", Integer.toString(VALUE_DIM));
    options.put("sketch.scale", Double.toString(SCALE));
    options.put("head.default.columns", Integer.toString(columns));
    options.put("anchors.count", "64");
    options.put("topics.anchors", prefix + ".anchors");
    options.put("kafka.properties.partition.discovery.interval.ms", "500");
    return options;
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "protobuf"})
  void answersAreCloseToAttentionOverWholeKeys(String records) throws Exception {
    String prefix = "wide-" + records;
    topics = cluster.createTopics(prefix, Map.of());
    client = new FormatClient(cluster, topics, new EitherFormat(records), PATIENCE);
    FlinkJob job = cluster.submit(topics, options(prefix, records, DIM, COLUMNS));

    Vectors before = tokens("before", 5);
    send(before, 0, 3);
    float[] queries = queries(16);
    Reply whole = ask("before", 3, queries);
    assertThat(whole.exact()).isTrue();
    assertThat(whole.anchorsVersion()).isZero();
    assertThat(whole.errors()).containsOnly(0.0);
    assertThat(error(whole, before, 3, queries)).isLessThan(1e-4);

    // 64 anchors need 128 query vectors and 256 keys, of several sequences.
    for (int s = 0; s < 8; s++) {
      Vectors teacher = tokens("teacher" + s, 40);
      send(teacher, 0, 40);
      ask("teacher" + s, 40, queries(20));
    }
    cluster.awaitTopic(prefix + ".anchors", PATIENCE);
    byte[] published =
        cluster.read(prefix + ".anchors", PATIENCE, soFar -> !soFar.isEmpty()).get(0).value();
    AnchorSet set = AnchorSet.fromByteArray(published);
    ColumnSample columns = set.columns().orElseThrow();
    assertThat(set.version()).isEqualTo(1);
    assertThat(columns.fullDim()).isEqualTo(DIM);
    assertThat(columns.columns()).isEqualTo(COLUMNS);
    assertThat(columns.keptVariance()).isGreaterThan(0.95);

    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (int s = 0; ; s++) {
      send(tokens("new" + s, 2), 0, 2);
      if (ask("new" + s, 2, queries(1)).anchorsVersion() == 1) {
        break;
      }
      assertThat(System.nanoTime()).as("a sequence adopts the set").isLessThan(deadline);
    }

    Vectors many = tokens("many", 700);
    send(many, 0, 300);
    Reply projected = ask("many", 300, queries);
    assertThat(projected.anchorsVersion()).isEqualTo(1);
    assertThat(projected.exact()).isFalse();
    assertThat(projected.errors()).containsOnly(Double.NaN);
    assertThat(error(projected, many, 300, queries)).isBetween(1e-4, BOUND);

    send(many, 300, 700);
    Reply sketched = ask("many", 700, queries);
    assertThat(sketched.anchorsVersion()).isEqualTo(1);
    assertThat(sketched.exact()).isFalse();
    assertThat(error(sketched, many, 700, queries)).isBetween(1e-4, BOUND);

    // What the sequence had of whole keys is projected by its next token.
    assertThat(ask("before", 3, queries).exact()).isTrue();
    send(before, 3, 5);
    Reply after = ask("before", 5, queries);
    assertThat(after.exact()).isFalse();
    assertThat(after.anchorsVersion()).isEqualTo(1);
    assertThat(error(after, before, 5, queries)).isCloseTo(0, within(2 * BOUND));

    assertThat(cluster.read(topics.deadLetters(), Duration.ofSeconds(1), soFar -> !soFar.isEmpty()))
        .extracting(Written::error)
        .isEmpty();
    assertThat(job.restarts()).isZero();
    job.cancel();
  }

  /** All coordinates matter alike, so that a sixteenth of them keeps little. */
  @Test
  void aJobWhoseColumnsLoseTooMuchSaysSoAndKeepsWholeKeys() throws Exception {
    int dim = 256;
    topics = cluster.createTopics("lossy", Map.of());
    LoggerContext logs = (LoggerContext) LogManager.getContext(false);
    SourceWarnings warnings = new SourceWarnings("dev.onepass.operators.anchors.learner");
    warnings.start(logs);
    try {
      FlinkJob job = cluster.submit(topics, options("lossy", "json", dim, 16));
      for (int s = 0; s < 8; s++) {
        Vectors tokens = new Vectors("s" + s, 40, dim, VALUE_DIM, 1, s);
        for (int j = 0; j < 40; j++) {
          cluster.sendToken(topics, tokens, j);
        }
        float[][] asked = new float[20][];
        Arrays.setAll(asked, q -> Vectors.gaussian(random, dim, 1));
        cluster.send(
            topics.queries(),
            Records.bytes("s" + s),
            Records.bytes(Records.query("q" + s, 40, asked)));
      }
      cluster.flush();
      Pattern warning =
          Pattern.compile(
              "head default: the anchor set is not published: 16 of 256 key coordinates keep [0-9.]+ % of the logits' variance, but at least 90.0 % is required; set more columns, or a smaller least variance, or keep whole keys; trying again in .*");
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!warnings.match(warning)) {
        assertThat(System.nanoTime()).as("the learner warns").isLessThan(deadline);
        Thread.sleep(100);
      }
      for (ConsumerRecord<byte[], byte[]> output :
          cluster.readExactly(topics.outputs(), 8, PATIENCE)) {
        JsonNode answer = Records.parse(output.value());
        assertThat(answer.get("exact").booleanValue()).isTrue();
        assertThat(answer.get("anchors_version").isNull()).isTrue();
      }
      assertThat(job.restarts()).isZero();
      job.cancel();
    } finally {
      warnings.stop(logs);
    }
  }
}
