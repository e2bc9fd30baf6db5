// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.onepass.it.EitherFormat.Details;
import dev.onepass.it.EitherFormat.Reply;
import dev.onepass.it.EitherFormat.Vec;
import dev.onepass.sketch.exact.ExactAttention;
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
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/**
 * Tests tokens with biases and tokens that decay, with a real broker: answers equal exact attention
 * with the tokens' weights, before and after tokens are folded and retracted.
 */
class DecayITCase extends OnCluster {

  private static final int KEY_DIM = 4;
  private static final int VALUE_DIM = 2;
  private static final double SCALE = 0.5;

  /** A number of tokens that all stay pending. */
  private static final int FEW = 12;

  /** A number of tokens most of which are folded, also in two shards. */
  private static final int MANY = 600;

  /** Tokens of these numbers have a large bias. Both are folded if the sequence has many tokens. */
  private static final int LOUD = 5;

  private static final int LATER_LOUD = 405;

  private static final float LN3 = (float) Math.log(3);
  private static final double LN2 = Math.log(2);

  /**
   * Bound on each number of an answer, folded or not. Logits deviate by 0.25 only, so that the
   * polynomial is as good as exact: its largest error here was 4e-7.
   */
  private static final double BOUND = 1e-4;

  private static final long STEP = 100;
  private static final long HALF_LIFE = 10_000;
  private static final long HALF_LIFE_TOKENS = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Time of the first token, an hour ago: records must not be of the future. */
  private final long begin = System.currentTimeMillis() - 3_600_000;

  private final float[] queries = Vectors.gaussian(new Random(32), 3 * KEY_DIM, 0.5);
  private Client.Topics topics;
  private EitherFormat format;
  private FormatClient client;

  private FlinkJob submit(Map<String, String> more) throws Exception {
    Map<String, String> options = new HashMap<>(more);
    options.put("records.format", format.name());
    options.put("sketch.type", "polynomial");
    options.put("sketch.key-dim", Integer.toString(KEY_DIM));
    options.put("sketch.value-dim", Integer.toString(VALUE_DIM));
    options.put("sketch.scale", Double.toString(SCALE));
    options.put("sketch.state-size", "8KiB");
    options.put("sketch.cut-size", "32");
    return cluster.submit(topics, options);
  }

  private void use(String name, String prefix) throws Exception {
    topics = cluster.createTopics(prefix, Map.of());
    format = new EitherFormat(name);
    client = new FormatClient(cluster, topics, format);
  }

  private static Vectors tokens(String sequence, int count) {
    return new Vectors(sequence, count, KEY_DIM, VALUE_DIM, 0.5, 31);
  }

  private static float bias(int j) {
    return j == LOUD || j == LATER_LOUD ? 5 : new float[] {0, LN3, -2}[j % 3];
  }

  private long time(int j) {
    return begin + j * STEP;
  }

  private List<Vec> vectors() {
    return IntStream.range(0, queries.length / KEY_DIM)
        .mapToObj(q -> Vec.dense(Arrays.copyOfRange(queries, q * KEY_DIM, (q + 1) * KEY_DIM)))
        .toList();
  }

  /**
   * Sends a token or a retraction.
   *
   * @param at timestamp of the record; null for the present
   */
  private void send(Vectors tokens, int j, boolean retract, Details details, Long at) {
    Vec key = Vec.dense(tokens.key(j));
    Vec value = Vec.dense(tokens.value(j));
    byte[] record = format.token(null, retract, key, value, details);
    cluster.send(
        new ProducerRecord<>(topics.tokens(), null, at, Records.bytes(tokens.sequence), record));
  }

  private void send(Vectors tokens, int from, int to) {
    for (int j = from; j < to; j++) {
      send(tokens, j, false, new Details(null, bias(j), null), null);
    }
  }

  private void retract(Vectors tokens, int j, float bias) {
    send(tokens, j, true, new Details(null, bias, null), null);
  }

  private Reply ask(Vectors tokens, int asOf) {
    return client.ask(null, tokens.sequence, asOf, vectors());
  }

  private Reply askUntilLeft(Vectors tokens, int left) {
    return client.askUntilLeft(null, tokens.sequence, left, vectors());
  }

  private ExactAttention.Result truth(Vectors tokens, int count, IntToDoubleFunction logWeights) {
    return ExactAttention.attention(
        queries,
        queries.length / KEY_DIM,
        tokens.keys,
        tokens.values,
        IntStream.range(0, count).mapToDouble(logWeights).toArray(),
        count,
        KEY_DIM,
        VALUE_DIM,
        SCALE);
  }

  /** Returns the same weights, but 0 for one token. */
  private static IntToDoubleFunction without(int retracted, IntToDoubleFunction logWeights) {
    return j -> j == retracted ? Double.NEGATIVE_INFINITY : logWeights.applyAsDouble(j);
  }

  private static void assertClose(Reply reply, ExactAttention.Result truth, boolean exact) {
    assertThat(reply.exact()).as(reply.id()).isEqualTo(exact);
    assertThat(reply.logNormalizers().stream().mapToDouble(number -> number).toArray())
        .as(reply.id())
        .containsExactly(truth.logNormalizers(), within(BOUND));
    assertThat(reply.outputs().stream().flatMap(List::stream).mapToDouble(y -> y).toArray())
        .as(reply.id())
        .containsExactly(truth.outputs(), within(BOUND));
  }

  private List<String> errors(int count) {
    return cluster.read(topics.deadLetters(), PATIENCE, soFar -> soFar.size() >= count).stream()
        .map(Written::error)
        .toList();
  }

  @Test
  void biasesWeighTokens() throws Exception {
    use("json", "biases");
    FlinkJob job = submit(Map.of());
    Vectors few = tokens("few", FEW + 1);
    Vectors many = tokens("many", MANY);
    send(few, 0, FEW);
    send(many, 0, MANY);
    assertClose(ask(few, FEW), truth(few, FEW, DecayITCase::bias), true);
    assertClose(ask(many, MANY), truth(many, MANY, DecayITCase::bias), false);

    sendBadBias(few, node -> node.put("bias", 81));
    sendBadBias(few, node -> node.put("bias", "NaN"));
    sendBadBias(few, node -> node.put("bias", "x"));
    send(few, FEW, FEW + 1);
    assertClose(ask(few, FEW + 1), truth(few, FEW + 1, DecayITCase::bias), true);

    retract(few, LOUD, bias(LOUD) + 1);
    retract(few, LOUD, bias(LOUD));
    retract(many, LOUD, bias(LOUD));
    assertClose(
        askUntilLeft(few, FEW), truth(few, FEW + 1, without(LOUD, DecayITCase::bias)), true);
    assertClose(
        askUntilLeft(many, MANY - 1), truth(many, MANY, without(LOUD, DecayITCase::bias)), false);

    assertThat(errors(4))
        .satisfiesExactlyInAnyOrder(
            error -> assertThat(error).startsWith("bias: must be from -80 to 80, got 81.0"),
            error -> assertThat(error).isEqualTo("bias: not a number"),
            error -> assertThat(error).isEqualTo("bias: not a number"),
            error -> assertThat(error).isEqualTo("op: the sequence has no such token to retract"));
    assertThat(job.restarts()).isZero();
    job.cancel();
  }

  private interface Change {
    void make(ObjectNode record);
  }

  private void sendBadBias(Vectors tokens, Change change) {
    ObjectNode record = Records.token(tokens, FEW).without(List.of("position"));
    change.make(record);
    cluster.send(topics.tokens(), Records.bytes(tokens.sequence), Records.bytes((JsonNode) record));
  }

  @Test
  void aBiasOfLn3IsThreeEqualTokens() throws Exception {
    use("json", "thrice");
    FlinkJob job = submit(Map.of());
    Vectors biased = tokens("biased", 3);
    Vectors repeated = new Vectors("repeated", 3, biased.keys, biased.values);
    for (int j = 0; j < 3; j++) {
      send(biased, j, false, new Details(null, j == 1 ? LN3 : 0f, null), null);
      for (int copy = 0; copy < (j == 1 ? 3 : 1); copy++) {
        send(repeated, j, false, Details.NONE, null);
      }
    }
    ExactAttention.Result truth = truth(biased, 3, j -> j == 1 ? Math.log(3) : 0);
    assertClose(ask(biased, 3), truth, true);
    assertClose(ask(repeated, 5), truth, true);
    job.cancel();
  }

  /** Sends the same tokens to a sequence that is sharded and to one that is not. */
  @Test
  void tokensAreWeighedByTheirAgeAtTheTimeOfTheQuery() throws Exception {
    use("protobuf", "half-life");
    List<Vectors> sequences = List.of(tokens("whole", MANY), tokens("hot", MANY));
    long last = time(MANY - 1);
    long[] asked = {
      time(FEW - 1), time(FEW - 1) + STEP / 2, last, last + HALF_LIFE / 2, last + 60 * HALF_LIFE
    };
    for (long at : asked) {
      sequences.forEach(tokens -> askAt(tokens, at));
    }
    for (int j = 0; j < MANY; j++) {
      for (Vectors tokens : sequences) {
        send(tokens, j, false, new Details((long) j, bias(j), null), time(j));
      }
    }
    cluster.flush();
    FlinkJob job =
        submit(
            Map.of(
                "order.mode", "event-time",
                "order.lateness", "30 s",
                "order.idleness", "3 s",
                "decay.half-life", "10 s",
                "shards.count", "2",
                "shards.sequences", "hot"));
    Map<String, Reply> replies = replies(asked.length * sequences.size());
    for (Vectors tokens : sequences) {
      for (long at : asked) {
        int count = (int) Math.min(MANY, (at - begin) / STEP + 1);
        assertClose(replies.get(id(tokens, at)), truth(tokens, count, weightsAt(at)), count == FEW);
      }
    }

    long retracted = last + 61 * HALF_LIFE;
    long after = retracted + HALF_LIFE / 4;
    for (Vectors tokens : sequences) {
      askAt(tokens, after);
      for (Long timestamp : Arrays.asList(null, time(LATER_LOUD))) {
        Details details = new Details((long) LATER_LOUD, bias(LATER_LOUD), timestamp);
        send(tokens, LATER_LOUD, true, details, retracted);
      }
    }
    cluster.flush();
    replies = replies((asked.length + 1) * sequences.size());
    for (Vectors tokens : sequences) {
      Reply left = replies.get(id(tokens, after));
      assertThat(left.tokens()).isEqualTo(MANY - 1);
      assertClose(left, truth(tokens, MANY, without(LATER_LOUD, weightsAt(after))), false);
    }
    assertThat(errors(sequences.size()))
        .hasSize(sequences.size())
        .allSatisfy(
            error ->
                assertThat(error).startsWith("timestamp: a folded token of a head with decay"));
    assertThat(job.restarts()).isZero();
    job.cancel();
  }

  private IntToDoubleFunction weightsAt(long now) {
    return j -> bias(j) - LN2 * (now - time(j)) / HALF_LIFE;
  }

  private static String id(Vectors tokens, long at) {
    return tokens.sequence + "@" + at;
  }

  private void askAt(Vectors tokens, long at) {
    byte[] query = format.query(null, id(tokens, at), 0, vectors());
    cluster.send(
        new ProducerRecord<>(topics.queries(), null, at, Records.bytes(tokens.sequence), query));
  }

  private Map<String, Reply> replies(int count) {
    return cluster.read(topics.outputs(), PATIENCE, soFar -> soFar.size() >= count).stream()
        .map(output -> format.reply(output.value()))
        .collect(Collectors.toMap(Reply::id, reply -> reply));
  }

  @Test
  void tokensAreWeighedByTheNumberOfNewerTokens() throws Exception {
    use("json", "half-life-tokens");
    FlinkJob job = submit(Map.of("decay.half-life-tokens", Long.toString(HALF_LIFE_TOKENS)));
    Vectors few = tokens("few", FEW);
    Vectors many = tokens("many", MANY);
    send(few, 0, FEW);
    send(many, 0, MANY);
    assertClose(ask(few, FEW), truth(few, FEW, weightsOf(FEW)), true);
    assertClose(ask(many, MANY), truth(many, MANY, weightsOf(MANY)), false);

    retract(few, LOUD, bias(LOUD));
    retract(many, LOUD, bias(LOUD));
    assertClose(askUntilLeft(few, FEW - 1), truth(few, FEW, without(LOUD, weightsOf(FEW))), true);
    assertThat(errors(1))
        .containsExactly("op: this sketch cannot retract a token that it has folded");
    assertThat(job.restarts()).isZero();
    job.cancel();
  }

  private static IntToDoubleFunction weightsOf(int count) {
    return j -> bias(j) - LN2 * (count - 1 - j) / HALF_LIFE_TOKENS;
  }
}
