// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.accuracy.ShadowSampling;
import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.anchors.AnchorSetSamples;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.sequence.waiting.WaitingLimits;
import dev.onepass.operators.sharding.ShardOptions;
import dev.onepass.sketch.anchored.AnchoredFamily;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.fit.WideSetMaker;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.HeapStore;
import dev.onepass.sketch.sequence.Sequence;
import dev.onepass.sketch.sequence.WideKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sequences of a head that projects its keys, before the head has a set and after. */
class WideSequencesTest {

  private static final String HEAD = "wide";
  private static final int DIM = TokenStream.KEY_DIM;
  private static final int COLUMNS = 2;
  private static final int STATE_SIZE = 8 * 1024;
  private static final int KEEP = 1;

  /** A number of tokens with which every sequence has left exact mode. */
  private static final int MANY = 600;

  private final TokenStream tokens = new TokenStream(31);
  private final float[] queries = tokens.queries(5);
  private RunningSequences running;
  private RunningSequences.One sequence;
  @TempDir Path directory;

  private static HeadSpec head() {
    return TestOptions.head(HEAD, STATE_SIZE, 0, AnchoredFamily.HYBRID)
        .withWideKeys(new WideKeys(COLUMNS, 0.2));
  }

  private static SequenceOptions options() {
    return new SequenceOptions(
        List.of(head()),
        TestOptions.TIMEOUT,
        WaitingLimits.ofQueries(TestOptions.MAX_WAITING),
        TestOptions.TIME_TO_LIVE,
        new AnchorOptions(List.of(), KEEP, false, 16, Duration.ofMinutes(1)),
        ShardOptions.NONE,
        SequenceOptions.DEFAULT_CACHE_BYTES,
        new ShadowSampling(1, 10_000));
  }

  private static AnchorSet set(int version, int columns) {
    Random random = new Random(columns);
    float[] vectors = new float[256 * DIM];
    for (int e = 0; e < vectors.length; e++) {
      vectors[e] = (float) random.nextGaussian();
    }
    return WideSetMaker.make(
        version, WideSetMaker.columns(DIM, vectors, vectors, columns, 7), vectors, vectors, 16, 7);
  }

  @BeforeEach
  void start() throws Exception {
    running = new RunningSequences(options(), directory);
    sequence = running.sequence(HEAD, "s");
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  private void broadcast(AnchorSet set) throws Exception {
    running.broadcast(HEAD, set.toByteArray());
  }

  /** Returns the answers of the library to a sequence of the tokens up to a number. */
  private Answers expected(AnchorSet set, int count) {
    HeapStore store = new HeapStore();
    AnchorSets sets = AnchorSets.of(set);
    try (Sequence like = Sequence.open(head(), store, sets)) {
      for (int token = 0; token < count; token++) {
        like.accept(token, tokens.key(token), tokens.value(token));
      }
      return like.answer(new QueryBlock(queries, 5, DIM, TokenStream.SCALE));
    }
  }

  private void assertProjected(Reply.Answer answer, AnchorSet set, int count) {
    Answers expected = expected(set, count);
    assertThat(answer.outputs()).isDeepEqualTo(expected.outputs());
    assertThat(answer.logNormalizer()).isEqualTo(expected.logNormalizer());
    assertThat(answer.exact()).isFalse();
    assertThat(answer.anchorsVersion()).isEqualTo(set.version());
    assertThat(answer.error()).containsOnly(Float.NaN);
    assertThat(answer.logNormalizerError()).containsOnly(Float.NaN);
    assertThat(answer.tokens()).isEqualTo(count);
  }

  @Test
  void anExactSequenceIsProjectedByTheTokenAfterTheSet() throws Exception {
    sequence.take(tokens, 0, 30);
    broadcast(set(1, COLUMNS));
    Reply.Answer before = sequence.ask(queries);
    assertThat(before.exact()).isTrue();
    assertThat(before.error()).containsOnly(0);
    assertThat(before.anchorsVersion()).isZero();
    TokenStream.assertClose(before, tokens.oracle(queries, 30), 1e-5);

    sequence.take(tokens, 30, 31);
    assertProjected(sequence.ask(queries), set(1, COLUMNS), 31);
    assertThat(sequence.stats().anchorsVersion()).isEqualTo(1);
    assertThat(sequence.stats().exact()).isFalse();
    assertThat(sequence.header().isExact()).isTrue();

    sequence.take(tokens, 31, MANY);
    assertProjected(sequence.ask(queries), set(1, COLUMNS), MANY);
    assertThat(sequence.header().isExact()).isFalse();
    assertThat(running.deadLetters()).isEmpty();
  }

  /** In exact mode and after it, however many newer versions there are. */
  @Test
  void restoresAndRescalesWithTheVersionThatProjects() throws Exception {
    broadcast(set(1, COLUMNS));
    RunningSequences.One small = running.sequence(HEAD, "small");
    small.take(tokens, 0, 20);
    sequence.take(tokens, 0, MANY);
    for (int version = 2; version < 5; version++) {
      broadcast(set(version, COLUMNS));
    }
    for (int parallelism : new int[] {3, 1, 2}) {
      running.restart(parallelism);
      assertThat(running.anchorSets()).containsExactly("wide/1", "wide/4");
      assertProjected(small.ask(queries), set(1, COLUMNS), 20);
      assertProjected(sequence.ask(queries), set(1, COLUMNS), MANY);
    }
    sequence.take(tokens, MANY, MANY + 40);
    assertProjected(sequence.ask(queries), set(1, COLUMNS), MANY + 40);
    small.take(tokens, 20, MANY);
    assertThat(small.ask(queries).anchorsVersion()).isEqualTo(4);
    assertThat(running.deadLetters()).isEmpty();
  }

  @Test
  void aForgottenSequenceBeginsAgain() throws Exception {
    broadcast(set(1, COLUMNS));
    sequence.take(tokens, 0, 20);
    sequence.forget();
    assertThat(sequence.ask(queries).outputs()).isEmpty();
    broadcast(set(2, COLUMNS));
    sequence.take(tokens, 0, 20);
    assertProjected(sequence.ask(queries), set(2, COLUMNS), 20);
  }

  @Test
  void takesTokensBack() throws Exception {
    sequence.take(tokens, 0, 20);
    broadcast(set(1, COLUMNS));
    sequence.take(tokens, 20, 31);
    sequence.retract(tokens, 30);
    sequence.retract(tokens, 5);
    sequence.take(tokens, 31);
    assertThat(sequence.ask(queries).tokens()).isEqualTo(30);
    assertThat(running.deadLetters()).isEmpty();
  }

  /** The place of the pending tokens, which is empty then, is for whole keys until that token. */
  @Test
  void anEmptySequenceIsProjectedByItsNextToken() throws Exception {
    sequence.take(tokens, 0, 2);
    sequence.ask(queries);
    sequence.retract(tokens, 0);
    sequence.retract(tokens, 1);
    broadcast(set(1, COLUMNS));
    sequence.take(tokens, 2, 22);
    running.restart(2);
    Reply.Answer answer = sequence.ask(queries);
    HeapStore store = new HeapStore();
    AnchorSets sets = AnchorSets.of(set(1, COLUMNS));
    Sequence like = Sequence.open(head(), store, sets);
    for (int token = 2; token < 22; token++) {
      like.accept(token, tokens.key(token), tokens.value(token));
    }
    assertThat(answer.outputs())
        .isDeepEqualTo(like.answer(new QueryBlock(queries, 5, DIM, TokenStream.SCALE)).outputs());
  }

  /** Projected keys are useless without the projection of the queries. */
  @Test
  void theSetOfAnExactSequenceIsMissed() throws Exception {
    broadcast(set(1, COLUMNS));
    sequence.take(tokens, 0, 20);
    sequence.askAsOf(25, "waits", queries);
    running.restartWithoutSet("wide/1", 1);
    RawRecord token = sequence.take(tokens, 20);
    RawRecord query = sequence.askAsOf(0, "now", queries);
    running.pass(TestOptions.TIMEOUT.plusSeconds(1));
    assertThat(running.deadLetters()).hasSize(3);
    running.broadcastUnprepared(HEAD, set(1, COLUMNS).toByteArray());
    assertProjected(sequence.ask(queries), set(1, COLUMNS), 20);
    assertThat(token).isNotEqualTo(query);
  }

  @Test
  void setsThatDoNotSuitTheHeadAreDeadLetters() throws Exception {
    for (AnchorSet other :
        List.of(AnchorSetSamples.set(1, 1), set(1, COLUMNS + 1), set(1, 1).withVersion(2))) {
      running.broadcastUnprepared(HEAD, other.toByteArray());
    }
    HeadSpec demanding = head().withWideKeys(new WideKeys(COLUMNS, 0.99));
    assertThat(running.deadLetters())
        .extracting(DeadLetter::error)
        .satisfiesExactly(
            error ->
                assertThat(error)
                    .startsWith(
                        "record value: the anchor set has no columns, but head wide has 2 columns"),
            error -> assertThat(error).contains("has 3 columns, but head wide has 2 columns"),
            error -> assertThat(error).contains("has 1 columns, but head wide has 2 columns"));
    running.close();
    running =
        new RunningSequences(
            TestOptions.of(null, AnchorOptions.FROM_THE_TOPIC, demanding), directory);
    running.broadcastUnprepared(HEAD, set(1, COLUMNS).toByteArray());
    assertThat(running.deadLetters())
        .singleElement()
        .extracting(DeadLetter::error)
        .asString()
        .startsWith("record value: the anchor set for head wide: 2 of 4 key coordinates keep ")
        .contains("% of the logits' variance, but at least 99.0 % is required");
  }

  /** A shadow keeps whole keys, so what the projection loses is part of the true error. */
  @Test
  void shadowsMeasureAgainstWholeKeys() throws Exception {
    broadcast(set(1, COLUMNS));
    sequence.take(tokens, 0, 20);
    Reply.Answer answer = sequence.ask(queries);
    long[] measured = running.histogram("head", HEAD, "trueErrorPpm");
    var truth = tokens.oracle(queries, 20);
    double largest = 0;
    for (int q = 0; q < 5; q++) {
      double squares = 0;
      double length = 0;
      for (int c = 0; c < TokenStream.VALUE_DIM; c++) {
        double t = truth.outputs()[q * TokenStream.VALUE_DIM + c];
        squares += Math.pow(answer.outputs()[q][c] - t, 2);
        length += t * t;
      }
      largest = Math.max(largest, Math.sqrt(squares / length));
    }
    assertThat(largest).isGreaterThan(1e-3);
    assertThat(measured).hasSize(5);
    assertThat(measured[4] / 1e6).isBetween(largest - 1e-5, largest + 1e-5);
    assertThat(running.counter("head", HEAD, "shadowVectorsWithinStated")).isZero();
    assertThat(running.counter("head", HEAD, "shadowVectorsBeyondStated")).isZero();
  }

  /** Whatever its head has by now. */
  @Test
  void aSequenceThatLeftExactModeBeforeKeepsWholeKeys() throws Exception {
    sequence.take(tokens, 0, MANY);
    broadcast(set(1, COLUMNS));
    sequence.take(tokens, MANY, MANY + 50);
    Reply.Answer answer = sequence.ask(queries);
    assertThat(answer.exact()).isFalse();
    assertThat(answer.anchorsVersion()).isZero();
    TokenStream.assertClose(answer, tokens.oracle(queries, MANY + 50), 0.05);
    assertThat(running.deadLetters()).isEmpty();
  }
}
