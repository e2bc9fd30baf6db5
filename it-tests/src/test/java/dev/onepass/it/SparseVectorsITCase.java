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
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests vectors that are sent as indices and values, with a real broker, in both formats. */
class SparseVectorsITCase extends OnCluster {

  private static final double SCALE = 1;

  private final Random random = new Random(64);
  private FlinkJob job;

  /** Frees the slots, after failures too. */
  @AfterEach
  void cancel() {
    if (job != null) {
      job.cancel();
    }
  }

  /** How a sequence sends its vectors; {@code turn} counts them. */
  private enum Sending {
    DENSE,
    SPARSE,
    MIXED;

    Vec vec(float[] vector, int turn) {
      boolean sparse = this == SPARSE || (this == MIXED && turn % 2 == 0);
      return sparse ? Vec.sparse(vector) : Vec.dense(vector);
    }

    String sequence() {
      return name();
    }
  }

  private FormatClient client(String prefix, String format) throws Exception {
    Client.Topics topics = cluster.createTopics(prefix + "-" + format, Map.of());
    return new FormatClient(cluster, topics, new EitherFormat(format));
  }

  private static Map<String, String> options(String format, int dim, int valueDim) {
    return Map.of(
        "records.format", format,
        "sketch.key-dim", Integer.toString(dim),
        "sketch.value-dim", Integer.toString(valueDim),
        "sketch.scale", Double.toString(SCALE));
  }

  private static Map<String, String> joined(
      Map<String, String> options, Map<String, String> others) {
    Map<String, String> all = new HashMap<>(options);
    all.putAll(others);
    return all;
  }

  /** Returns normal numbers of which most are 0. */
  private float[] mostly0(int length, double spread) {
    float[] numbers = Vectors.gaussian(random, length, spread);
    for (int i = 0; i < length; i++) {
      numbers[i] = random.nextInt(3) == 0 ? numbers[i] : 0;
    }
    return numbers;
  }

  private static double[] truth(float[] query, Vectors tokens, int from, int to) {
    return ExactAttention.attention(
            query,
            1,
            Arrays.copyOfRange(tokens.keys, from * tokens.keyDim, to * tokens.keyDim),
            Arrays.copyOfRange(tokens.values, from * tokens.valueDim, to * tokens.valueDim),
            to - from,
            tokens.keyDim,
            tokens.valueDim,
            SCALE)
        .outputs();
  }

  /** Sends tokens; in a mixed sequence each record has one dense and one sparse vector. */
  private static void send(FormatClient client, Sending sending, Vectors tokens, int from, int to) {
    for (int j = from; j < to; j++) {
      client.add(
          null,
          sending.sequence(),
          sending.vec(tokens.key(j), j),
          sending.vec(tokens.value(j), j + 1));
    }
  }

  private static List<Vec> queries(Sending sending, float[][] vectors) {
    return IntStream.range(0, vectors.length).mapToObj(q -> sending.vec(vectors[q], q)).toList();
  }

  private static void assertSame(List<Reply> replies) {
    Reply first = replies.get(0);
    for (Reply reply : replies) {
      assertThat(reply.outputs()).isEqualTo(first.outputs());
      assertThat(reply.errors()).isEqualTo(first.errors());
      assertThat(reply.logNormalizers()).isEqualTo(first.logNormalizers());
      assertThat(reply.tokens()).isEqualTo(first.tokens());
      assertThat(reply.exact()).isEqualTo(first.exact());
    }
  }

  /** In exact mode, in a sketch, and after retractions of folded and of pending tokens. */
  @ParameterizedTest
  @ValueSource(strings = {"json", "protobuf"})
  void answersAreThoseOfDenseVectors(String format) throws Exception {
    int count = 400;
    int few = 20;
    int retracted = 3;
    FormatClient client = client("sparse", format);
    job =
        cluster.submit(
            client.topics,
            joined(
                options(format, 8, 3),
                Map.of("sketch.type", "polynomial", "sketch.state-size", "8KiB")));
    Vectors tokens = new Vectors("s", count, mostly0(count * 8, 0.5), mostly0(count * 3, 1));
    float[][] vectors = new float[6][];
    Arrays.setAll(vectors, q -> q == 0 ? new float[8] : mostly0(8, 0.5));

    List<Reply> exact = new ArrayList<>();
    List<Reply> sketched = new ArrayList<>();
    List<Reply> left = new ArrayList<>();
    for (Sending sending : Sending.values()) {
      String sequence = sending.sequence();
      send(client, sending, tokens, 0, few);
      exact.add(client.ask(null, sequence, few, queries(sending, vectors)));
      send(client, sending, tokens, few, count);
      sketched.add(client.ask(null, sequence, count, queries(sending, vectors)));
      for (int j = 0; j < retracted; j++) {
        for (int at : new int[] {j, count - 1 - j}) {
          client.retract(
              null, sequence, sending.vec(tokens.key(at), j + 1), sending.vec(tokens.value(at), j));
        }
      }
      left.add(
          client.askUntilLeft(null, sequence, count - 2 * retracted, queries(sending, vectors)));
    }
    assertSame(exact);
    assertSame(sketched);
    assertSame(left);
    assertThat(exact.get(0).exact()).isTrue();
    assertThat(sketched.get(0).exact()).isFalse();
    for (int q = 0; q < vectors.length; q++) {
      assertClose(exact.get(0), q, truth(vectors[q], tokens, 0, few), 1e-5);
      assertClose(sketched.get(0), q, truth(vectors[q], tokens, 0, count), 0.02);
      assertClose(left.get(0), q, truth(vectors[q], tokens, retracted, count - retracted), 0.02);
    }
    assertThat(client.errors()).isEmpty();
    assertThat(job.restarts()).isZero();
  }

  private static void assertClose(Reply reply, int q, double[] truth, double bound) {
    for (int c = 0; c < truth.length; c++) {
      assertThat(reply.outputs().get(q).get(c)).isCloseTo(truth[c], within(bound));
    }
  }

  /**
   * Co-occurring directions, fed with sparse tokens. Tokens come in pairs of opposite keys and
   * values, so queries of 0 have answers of 0, and columns are sparse where few queries are not 0.
   */
  @ParameterizedTest
  @ValueSource(strings = {"json", "protobuf"})
  void directionsAnswerAndRecoverSparseTokens(String format) throws Exception {
    int dim = 64;
    int valueDim = 16;
    int count = 1_600;
    int special = 4;
    FormatClient client = client("directions", format);
    job =
        cluster.submit(
            client.topics,
            joined(
                options(format, dim, valueDim),
                Map.of(
                    "sketch.type", "onepass",
                    "sketch.state-size", "192KiB",
                    "onepass.form", "directions",
                    "onepass.logit-bound", "0.5",
                    "onepass.recover-k", Integer.toString(special))));
    Vectors tokens = opposites(count, dim, valueDim);
    send(client, Sending.SPARSE, tokens, 0, count);

    // All but few of these queries are 0, and are sent without any index.
    float[][] few = new float[32][dim];
    for (int s = 0; s < special; s++) {
      few[7 * s + 3][s] = 0.45f;
    }
    String sequence = Sending.SPARSE.sequence();
    Reply answer = client.ask(null, sequence, count, queries(Sending.SPARSE, few));
    assertThat(answer.exact()).isFalse();
    assertThat(answer.sketch()).isEqualTo("onepass");
    Reply recovered = client.recover(sequence, special);
    assertThat(recovered.columns()).hasSize(valueDim);
    for (int c = 0; c < valueDim; c++) {
      assertColumn(answer, recovered, c, special);
    }

    float[][] vectors = new float[20][];
    Arrays.setAll(vectors, q -> query(dim));
    Reply more = client.ask(null, sequence, count, queries(Sending.MIXED, vectors));
    double off = 0;
    double all = 0;
    for (int q = 0; q < vectors.length; q++) {
      double[] truth = truth(vectors[q], tokens, 0, count);
      for (int c = 0; c < valueDim; c++) {
        off += Math.pow(more.outputs().get(q).get(c) - truth[c], 2);
        all += truth[c] * truth[c];
      }
    }
    assertThat(Math.sqrt(off / all)).as("relF").isLessThan(0.02);
    for (int q = 0; q < few.length; q++) {
      assertClose(answer, q, truth(few[q], tokens, 0, count), 0.02);
    }
    assertThat(client.errors()).isEmpty();
    assertThat(job.restarts()).isZero();
  }

  /** The recovered entries leave out little more than the best ones do, and say how much. */
  private static void assertColumn(Reply answer, Reply recovered, int c, int k) {
    Map<Long, Double> entries = recovered.columns().get(c);
    double off = 0;
    double all = 0;
    double[] squares = new double[answer.outputs().size()];
    for (int q = 0; q < squares.length; q++) {
      double entry = answer.outputs().get(q).get(c);
      squares[q] = entry * entry;
      all += entry * entry;
      off += Math.pow(entry - entries.getOrDefault((long) q, 0.0), 2);
    }
    Arrays.sort(squares);
    double best = Math.sqrt(Arrays.stream(squares, 0, squares.length - k).sum());
    assertThat(Math.sqrt(all)).as("column %d", c).isGreaterThan(0.01);
    assertThat(Math.sqrt(off)).as("column %d", c).isLessThanOrEqualTo(2 * best + 1e-3);
    assertThat(recovered.tails().get(c)).as("tail of column %d", c).isLessThan(0.1);
  }

  /** Returns a query vector of length 0.45 with four numbers other than 0. */
  private float[] query(int dim) {
    float[] query = new float[dim];
    for (int i = 0; i < 4; i++) {
      query[i == 0 ? random.nextInt(4) : 16 * i + random.nextInt(16)] =
          random.nextBoolean() ? 0.225f : -0.225f;
    }
    return query;
  }

  /**
   * Returns pairs of tokens of opposite keys and values. A key has length 1 and four numbers other
   * than 0. A value is a linear function, of rank 4, of its key, and some noise in a few places.
   */
  private Vectors opposites(int count, int dim, int valueDim) {
    float[] keys = new float[count * dim];
    float[] values = new float[count * valueDim];
    float[] directions = Vectors.gaussian(random, 4 * valueDim, 1);
    for (int j = 0; j < count; j += 2) {
      for (int i = 0; i < 4; i++) {
        keys[j * dim + (i == 0 ? random.nextInt(4) : 16 * i + random.nextInt(16))] =
            random.nextBoolean() ? 0.5f : -0.5f;
      }
      for (int c = 0; c < valueDim; c++) {
        for (int i = 0; i < 4; i++) {
          values[j * valueDim + c] += 4 * keys[j * dim + i] * directions[i * valueDim + c];
        }
      }
      values[j * valueDim + random.nextInt(valueDim)] += 0.1f * (float) random.nextGaussian();
      for (int i = 0; i < dim; i++) {
        keys[(j + 1) * dim + i] = -keys[j * dim + i];
      }
      for (int c = 0; c < valueDim; c++) {
        values[(j + 1) * valueDim + c] = -values[j * valueDim + c];
      }
    }
    return new Vectors("s", count, keys, values);
  }

  private record Bad(boolean isQuery, byte[] record, String reason) {}

  private static List<Bad> badRecords(EitherFormat format) {
    Vec good = Vec.dense(new float[] {1, 2, 3});
    Vec unsorted = new Vec(new int[] {2, 0}, new float[] {1, 2});
    Vec twice = new Vec(new int[] {1, 1}, new float[] {1, 2});
    Vec beyond = new Vec(new int[] {0, 3}, new float[] {1, 2});
    Vec unequal = new Vec(new int[] {0, 1}, new float[] {1});
    boolean json = format.name().equals("json");
    String key = json ? "key" : "sparse_key";
    String value = json ? "value" : "sparse_value";
    String ascending = " is not above the index before it, ";
    return List.of(
        new Bad(
            false,
            format.token(null, false, unsorted, good),
            key + ".indices[1]: 0" + ascending + 2),
        new Bad(
            false, format.token(null, false, twice, good), key + ".indices[1]: 1" + ascending + 1),
        new Bad(
            false, format.token(null, false, beyond, good), key + ".indices[1]: 3 is out of range"),
        new Bad(false, format.token(null, true, unequal, good), key + ": 2 indices and 1 values"),
        new Bad(
            false,
            format.token(null, false, good, unsorted),
            value + ".indices[1]: 0" + ascending + 2),
        new Bad(
            false, format.token(null, true, good, twice), value + ".indices[1]: 1" + ascending + 1),
        new Bad(
            false,
            format.token(null, false, good, beyond),
            value + ".indices[1]: 3 is out of range"),
        new Bad(
            true,
            format.query(null, "unsorted", 1, List.of(good, unsorted)),
            "queries[1].indices[1]: 0" + ascending + 2),
        new Bad(
            true,
            format.query(null, "twice", 1, List.of(twice)),
            "queries[0].indices[1]: 1" + ascending + 1),
        new Bad(
            true,
            format.query(null, "beyond", 1, List.of(good, good, beyond)),
            "queries[2].indices[1]: 3 is out of range"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "protobuf"})
  void badIndicesAreDeadLettersAndTheJobRunsOn(String format) throws Exception {
    FormatClient client = client("indices", format);
    job = cluster.submit(client.topics, options(format, 3, 3));
    Vectors tokens = new Vectors("s", 30, mostly0(90, 1), mostly0(90, 1));
    List<Bad> bad = badRecords(new EitherFormat(format));
    String sequence = Sending.SPARSE.sequence();
    for (int i = 0; i < bad.size(); i++) {
      send(client, Sending.SPARSE, tokens, i, i + 1);
      String topic = bad.get(i).isQuery() ? client.topics.queries() : client.topics.tokens();
      cluster.send(topic, Records.bytes(sequence), bad.get(i).record());
    }
    send(client, Sending.SPARSE, tokens, bad.size(), tokens.count);
    float[] vector = {0, 0.5f, 0};
    Reply reply = client.ask(null, sequence, tokens.count, List.of(Vec.sparse(vector)));
    assertThat(reply.tokens()).isEqualTo(tokens.count);
    assertClose(reply, 0, truth(vector, tokens, 0, tokens.count), 1e-5);

    List<ConsumerRecord<byte[], byte[]>> letters =
        cluster.readExactly(client.topics.deadLetters(), bad.size(), Duration.ofSeconds(30));
    assertThat(letters).hasSize(bad.size());
    for (Bad one : bad) {
      assertThat(letters)
          .filteredOn(letter -> Arrays.equals(letter.value(), one.record()))
          .singleElement()
          .satisfies(letter -> assertThat(Written.error(letter)).startsWith(one.reason()));
    }
    assertThat(cluster.read(client.topics.outputs(), Duration.ofSeconds(1), soFar -> false))
        .hasSize(1);
    assertThat(job.restarts()).isZero();
  }
}
