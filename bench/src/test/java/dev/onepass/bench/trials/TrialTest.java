// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.trials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.methods.Deployed;
import dev.onepass.bench.methods.Method;
import dev.onepass.bench.methods.Past;
import dev.onepass.bench.peers.Peers;
import dev.onepass.datasets.anchors.EarlyAnchors;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.sequence.Decay;
import dev.onepass.sketch.sequence.StateLayout;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TrialTest {
  private static final Head HEAD = Planted.gaussian(5_000, 4, 8, 0.3, Planted.Values.SIGNAL, 7);
  private static final Feed FEED = Feed.behindAnchors(HEAD);
  private static final List<Function<Head, Feed>> STREAMS =
      List.of(
          Feed::behindAnchors,
          head -> Feed.drawn(head, 12_345, 7),
          head -> Feed.newest(head, 700),
          head -> Feed.decayed(head, 300));
  private static final List<Method> METHODS =
      Stream.concat(SketchFamilies.all().stream().map(Deployed::new), Peers.ALL.stream()).toList();
  private static TestSet test;

  /**
   * Draws the queries here and not in a static initializer: drawing uses other threads, which would
   * wait until this class is initialized.
   */
  @BeforeAll
  static void draw() {
    test = TestSet.draw(FEED, 200, 7, answered -> {});
  }

  private static Score run(Method method, int bytes) {
    return Score.of(test, Trial.fold(method, FEED, bytes, 7, tokens -> {}).ask(test));
  }

  private static Score score(TestSet of, Method.Answered answered) {
    return Score.of(of, new Trial.Outcome(answered, false, 10, 20, 2, 3));
  }

  private static Method deployed(String name) {
    return new Deployed(SketchFamilies.byName(name).orElseThrow());
  }

  @Test
  void queriesDependOnTheSeedAndComeFromTheEnd() {
    AtomicInteger counted = new AtomicInteger();
    TestSet again = TestSet.draw(FEED, 200, 7, counted::addAndGet);
    assertThat(counted).hasValue(200);
    assertThat(again.queries().vectors()).containsExactly(test.queries().vectors());
    assertThat(again.exact()).isDeepEqualTo(test.exact());
    assertThat(TestSet.draw(FEED, 200, 8, answered -> {}).queries().vectors())
        .isNotEqualTo(test.queries().vectors());
    List<float[]> late =
        Arrays.asList(rows(Arrays.copyOfRange(HEAD.queries(), 3_800 * 4, 5_000 * 4)));
    List<float[]> asked = Arrays.asList(rows(test.queries().vectors()));
    assertThat(asked).allMatch(q -> late.stream().anyMatch(row -> Arrays.equals(row, q)));
    assertThat(asked.stream().map(Arrays::toString).distinct()).hasSize(200);
  }

  private static float[][] rows(float[] all) {
    float[][] rows = new float[all.length / 4][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(all, 4 * i, 4 * i + 4);
    }
    return rows;
  }

  @Test
  void noQueryIsDrawnTwiceIfTheEndIsShort() {
    assertThat(TestSet.draw(FEED, 100_000, 7, answered -> {}).exact()).hasNumberOfRows(1_200);
  }

  @Test
  void exactModeHasFullCoverageAndNoError() {
    Score score = run(deployed("exact"), 1 << 20);
    assertThat(score.relF()).isLessThan(1e-6);
    assertThat(score.coverage90()).isEqualTo(1);
    assertThat(score.stateBytes()).isEqualTo(StateLayout.RESERVED_BYTES + 3_500 * (10 + 4 * 12));
  }

  @Test
  void sketchesAnswerWithinTheirBytes() {
    for (String name : new String[] {"polynomial", "onepass", "ridge"}) {
      Score score = run(deployed(name), 64 << 10);
      assertThat(score.relF()).as(name).isBetween(1e-6, 0.1);
      assertThat(score.median()).as(name).isLessThanOrEqualTo(score.p95());
      assertThat(score.stateBytes()).as(name).isBetween(300L, 64L << 10);
      assertThat(score.foldMicros()).as(name).isPositive();
      assertThat(score.queryMicros()).as(name).isPositive();
    }
  }

  @Test
  void familiesReportTooFewBytes() {
    assertThatThrownBy(() -> run(deployed("exact"), 64 << 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sequence full");
    assertThatThrownBy(() -> run(deployed("polynomial"), 700))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a state size of about");
  }

  @Test
  void scoresFollowFromTheErrors() {
    QueryBlock queries = new QueryBlock(new float[3], 3, 1, 1);
    TestSet small =
        new TestSet(queries, new double[][] {{3, 4}, {0, 12}, {0, 0}}, new double[3], 1);
    float[][] outputs = {{3, 5}, {0, 12}, {0, 0.5f}};
    Method.Answered answered =
        new Method.Answered(outputs, new float[] {0.21f, Float.NaN, Float.NaN});
    Score score = score(small, answered);
    assertThat(score.median()).isCloseTo(0.2, within(1e-12));
    // The exact output is 0, so the error 0.5 is relative to 1e-6 rms|v|.
    assertThat(score.p95()).isCloseTo(450_000, within(1.0));
    assertThat(score.relF()).isCloseTo(Math.sqrt(1.25) / 13, within(1e-12));
    assertThat(score.coverage90()).isEqualTo(1);
    float[] tooSmall = {0.19f, 0, Float.NaN};
    assertThat(score(small, new Method.Answered(outputs, tooSmall)).coverage90()).isEqualTo(0.5);
    float[] none = {Float.NaN, Float.NaN, Float.NaN};
    assertThat(score(small, new Method.Answered(outputs, none)).coverage90()).isNaN();
  }

  @Test
  void scoresOfSeveralRunsAreAveraged() {
    Score mean =
        Score.mean(
            List.of(
                new Score(10, 7, 1, 2, 3, Double.NaN, 4, 5),
                new Score(30, 5, 3, 4, 5, Double.NaN, 6, 7)));
    assertThat(mean).isEqualTo(new Score(30, 7, 2, 3, 4, Double.NaN, 5, 6));
  }

  @Test
  void anchorsDependOnEarlyRowsOnly() {
    AnchorSet anchors = EarlyAnchors.make(HEAD, 7);
    assertThat(anchors.keyDim()).isEqualTo(4);
    Head other = withOtherRowsFrom(1_500);
    assertThat(EarlyAnchors.make(other, 7).toByteArray()).isEqualTo(anchors.toByteArray());
    assertThat(EarlyAnchors.make(withOtherRowsFrom(0), 7).toByteArray())
        .isNotEqualTo(anchors.toByteArray());
  }

  private static Head withOtherRowsFrom(int row) {
    float[] queries = HEAD.queries().clone();
    float[] keys = HEAD.keys().clone();
    for (int i = 4 * row; i < queries.length; i++) {
      queries[i] *= 2;
      keys[i] *= 2;
    }
    return new Head("h", 5_000, 4, 8, queries, keys, HEAD.values(), HEAD.scale());
  }

  /** Other early rows change only what anchor sets learn from them, and here no set is new. */
  @Test
  void earlyRowsChangeNoAnswer() {
    Past past = Past.of(HEAD, 7);
    Head other = withOtherRowsBefore(1_500);
    for (Function<Head, Feed> stream : STREAMS) {
      TestSet asked = TestSet.draw(stream.apply(HEAD), 50, 7, answered -> {});
      TestSet again = TestSet.draw(stream.apply(other), 50, 7, answered -> {});
      assertThat(again.queries().vectors()).isEqualTo(asked.queries().vectors());
      assertThat(again.exact()).isDeepEqualTo(asked.exact());
      assertThat(again.logNormalizers()).isEqualTo(asked.logNormalizers());
      assertThat(again.valueSize()).isEqualTo(asked.valueSize());
    }
    for (Method method : METHODS) {
      Method shared = method.learn(past);
      Score score = fitting(shared, HEAD, test);
      assertThat(fitting(shared, other, test).relF()).as(method.name()).isEqualTo(score.relF());
    }
  }

  private static Score fitting(Method method, Head head, TestSet of) {
    Feed feed = Feed.behindAnchors(head);
    return Score.of(of, Trial.fold(method, feed, fitting(method), 7, tokens -> {}).ask(of));
  }

  private static int fitting(Method method) {
    return method.name().equals("exact") ? 1 << 20 : 64 << 10;
  }

  /** The first key that each method gets is that of row 1 500, the first behind the 30 %. */
  @Test
  void everyMethodGetsEveryTokenBehindTheEarlyRows() {
    float[] tokens = Arrays.copyOfRange(HEAD.keys(), 1_500 * 4, 5_000 * 4);
    Past past = Past.of(HEAD, 7);
    for (Method unlearned : METHODS) {
      Method method = unlearned.learn(past);
      FloatBuffer keys = FloatBuffer.allocate(HEAD.keys().length);
      Trial.fold(new Recorded(method, keys), FEED, fitting(method), 7, folded -> {});
      assertThat(Arrays.copyOf(keys.array(), keys.position())).as(method.name()).isEqualTo(tokens);
    }
    assertThat(FEED.tokens()).isEqualTo(3_500);
  }

  /** A method whose keys are recorded. */
  private record Recorded(Method method, FloatBuffer keys) implements Method {
    @Override
    public String name() {
      return method.name();
    }

    @Override
    public State begin(Head head, int bytes, long seed) {
      State state = method.begin(head, bytes, seed);
      return new State() {
        @Override
        public void accept(float[] key, float[] value) {
          keys.put(key);
          state.accept(key, value);
        }

        @Override
        public Answered answer(QueryBlock queries) {
          return state.answer(queries);
        }

        @Override
        public long stateBytes() {
          return state.stateBytes();
        }

        @Override
        public boolean isExact() {
          return state.isExact();
        }
      };
    }
  }

  private static Head withOtherRowsBefore(int row) {
    float[] queries = HEAD.queries().clone();
    float[] keys = HEAD.keys().clone();
    float[] values = HEAD.values().clone();
    Arrays.fill(queries, 0, 4 * row, 9);
    Arrays.fill(keys, 0, 4 * row, -9);
    Arrays.fill(values, 0, 8 * row, 99);
    return new Head("h", 5_000, 4, 8, queries, keys, values, HEAD.scale());
  }

  @Test
  void onlySketchesWithAnchorsHaveSharedBytes() {
    Past past = Past.of(HEAD, 7);
    assertThat(past.anchors().toByteArray()).isEqualTo(EarlyAnchors.make(HEAD, 7).toByteArray());
    for (SketchFamily family : SketchFamilies.all()) {
      Method method = new Deployed(family);
      assertThat(method.sharedBytes()).isZero();
      assertThat(method.learn(past).sharedBytes())
          .isEqualTo(family.usesAnchors() ? past.anchors().sharedBytes() : 0);
    }
  }

  @Test
  void drawnTokensAreAnsweredExactly() {
    Feed drawn = Feed.drawn(HEAD, 12_345, 7);
    int[] rows = new int[12_345];
    PrimitiveIterator.OfInt next = drawn.rows();
    for (int j = 0; j < rows.length; j++) {
      rows[j] = next.nextInt();
    }
    assertThat(next.hasNext()).isFalse();
    float[] keys = new float[rows.length * 4];
    float[] values = new float[rows.length * 8];
    for (int j = 0; j < rows.length; j++) {
      System.arraycopy(HEAD.keys(), rows[j] * 4, keys, j * 4, 4);
      System.arraycopy(HEAD.values(), rows[j] * 8, values, j * 8, 8);
    }
    Head all = new Head("all", rows.length, 4, 8, keys, keys, values, HEAD.scale());
    QueryBlock queries = HEAD.queries(4_000, 4_010);
    assertThat(Errors.relative(drawn.exact(queries), Attention.exact(all, all.rows(), queries)))
        .isLessThan(1e-6);
    assertThat(IntStream.of(rows)).allMatch(row -> row >= 1_500);
    assertThat(IntStream.of(rows).distinct().count()).isBetween(3_300L, 3_450L);
    Trial trial = Trial.fold(deployed("exact"), drawn, 1 << 20, 7, tokens -> {});
    TestSet asked = TestSet.draw(drawn, 100, 7, answered -> {});
    assertThat(Score.of(asked, trial.ask(asked)).relF()).isLessThan(1e-6);
  }

  @Test
  void decayedTokensAreAnsweredExactly() {
    Deployed exact = new Deployed(SketchFamilies.byName("exact").orElseThrow());
    TestSet asked = TestSet.draw(Feed.decayed(HEAD, 300), 100, 7, answered -> {});
    Duration halfLife = Duration.ofMillis(300L * Deployed.TOKEN_MILLIS);
    for (Decay decay : List.of(Decay.byTokens(300), Decay.byTime(halfLife))) {
      Trial trial = Trial.fold(exact.with(decay), FEED, 1 << 20, 7, tokens -> {});
      assertThat(Score.of(asked, trial.ask(asked)).relF()).isLessThan(1e-5);
    }
    Trial undecayed = Trial.fold(exact, FEED, 1 << 20, 7, tokens -> {});
    assertThat(Score.of(asked, undecayed.ask(asked)).relF()).isGreaterThan(0.01);
  }

  @Test
  void theNewestTokensAreTheLastRows() {
    Feed newest = Feed.newest(HEAD, 700);
    Trial trial = Trial.fold(deployed("exact"), newest, 1 << 20, 7, tokens -> {});
    TestSet asked = TestSet.draw(newest, 100, 7, answered -> {});
    assertThat(newest.tokens()).isEqualTo(700);
    assertThat(asked.queries().vectors()).isEqualTo(test(100).queries().vectors());
    assertThat(Score.of(asked, trial.ask(asked)).relF()).isLessThan(1e-6);
  }

  private static TestSet test(int count) {
    return TestSet.draw(FEED, count, 7, answered -> {});
  }
}
