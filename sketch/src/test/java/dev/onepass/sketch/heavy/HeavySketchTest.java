// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.heavy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.TestSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.registry.Streams;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeavySketchTest {

  private static final int BYTES = 16_000;

  private final Random random = new Random(11);

  private static SketchFamily family(String name) {
    return SketchFamilies.byName(name).orElseThrow();
  }

  private static SketchConfig config(int d, int dv, double share) {
    Map<String, String> parameters = new HashMap<>();
    if (share > 0) {
      parameters.put(HeavyFamily.SHARE, Double.toString(share));
    }
    return new SketchConfig(d, dv, BYTES, 3, parameters);
  }

  private static AttentionSketch folded(
      String name, double share, TokenBlock tokens, AnchorSets anchors) {
    SketchFamily plain = family(name);
    SketchFamily family = share > 0 ? SketchFamilies.withHeavyKeys(plain) : plain;
    AttentionSketch sketch =
        family.begin(
            config(tokens.keyDim(), tokens.valueDim(), share),
            tokens.slice(0, Math.min(tokens.count(), 200)),
            anchors);
    for (int from = 0; from < tokens.count(); from += 64) {
      sketch.update(tokens.slice(from, Math.min(tokens.count(), from + 64)));
      sketch.settle();
      assertThat(sketch.stateBytes()).isLessThanOrEqualTo(BYTES);
    }
    return sketch;
  }

  private static HeavySketch heavy(AttentionSketch sketch) {
    return (HeavySketch) sketch;
  }

  /**
   * Normal keys; every 500th is {@code times} as far from 0 as usual and has a value of its own.
   */
  private TokenBlock withNeedles(int n, int d, double times) {
    TokenBlock tokens = Streams.gaussian(random, n, d, 2, 1);
    for (int j = 250; j < n; j += 500) {
      double norm = 0;
      for (int i = 0; i < d; i++) {
        norm += Math.pow(tokens.keys()[j * d + i], 2);
      }
      for (int i = 0; i < d; i++) {
        tokens.keys()[j * d + i] *= (float) (times * Math.sqrt(d / norm));
      }
      tokens.values()[2 * j] = 6;
    }
    return tokens;
  }

  /** Returns queries that give the needles two thirds of their weight or more. */
  private static QueryBlock askingForNeedles(TokenBlock tokens, int n, double times) {
    int d = tokens.keyDim();
    int count = n / 500;
    float[] vectors = new float[count * d];
    for (int q = 0; q < count; q++) {
      for (int i = 0; i < d; i++) {
        // The logit of the needle is ln n + 2, the deviation of all others below 1.
        vectors[q * d + i] =
            (float)
                (tokens.keys()[(250 + 500 * q) * d + i] * (Math.log(n) + 2) / (times * times * d));
      }
    }
    return new QueryBlock(vectors, count, d, 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"polynomial", "ridge", "cluster", "onepass", "hybrid", "anchors"})
  void needlesAreFoundInEveryFamily(String name) {
    int n = 4000;
    TokenBlock tokens = withNeedles(n, 8, 5);
    QueryBlock queries = askingForNeedles(tokens, n, 5);
    HeavySketch sketch = heavy(folded(name, 0.2, tokens, AnchorSets.of(TestSets.inABall(8))));
    assertThat(sketch.keys().tokens().count()).isGreaterThanOrEqualTo(8);
    double[] truth = Streams.oracle(tokens, queries).outputs();
    double[] with = Streams.outputs(Streams.sums(sketch, queries), 2);
    double[] without =
        Streams.outputs(
            Streams.sums(folded(name, 0, tokens, AnchorSets.of(TestSets.inABall(8))), queries), 2);
    for (int q = 0; q < queries.count(); q++) {
      assertThat(truth[2 * q]).as("exact answer").isGreaterThan(4);
      assertThat(with[2 * q]).isCloseTo(truth[2 * q], within(1.0));
      if (name.equals("polynomial") || name.equals("ridge")) {
        assertThat(without[2 * q]).isLessThan(truth[2 * q] / 2);
      }
    }
  }

  /**
   * Logits deviate by 4, where a polynomial of degree 2 has a normalizer that is too low by a
   * factor of a hundred. Weighed by that normalizer, kept keys spoil the answers.
   */
  @Test
  void keptKeysDoNoHarmWhereTheNormalizerIsTooLow() {
    int d = 16;
    TokenBlock tokens = Streams.gaussian(random, 6000, d, 4, 1);
    for (int j = 100; j < 6000; j += 300) {
      for (int i = 0; i < d; i++) {
        tokens.keys()[j * d + i] *= 2.2f;
      }
    }
    QueryBlock queries = Streams.queries(random, 200, d, 4, 1);
    double[] truth = Streams.oracle(tokens, queries).outputs();
    HeavySketch sketch = heavy(folded("polynomial", 0.2, tokens, AnchorSets.NONE));
    assertThat(sketch.keys().tokens().count()).isGreaterThan(5);
    double without =
        error(Streams.sums(folded("polynomial", 0, tokens, AnchorSets.NONE), queries), truth);
    double with = error(Streams.sums(sketch, queries), truth);
    SoftmaxSum naive = Streams.sums(sketch.inner(), queries);
    sketch.keys().addTo(naive, queries);
    assertThat(error(naive, truth)).isGreaterThan(1.1 * with);
    assertThat(with).isLessThan(1.1 * without);
  }

  private static double error(SoftmaxSum sums, double[] truth) {
    double[] outputs = Streams.outputs(sums, sums.valueDim());
    double squares = 0;
    for (int i = 0; i < truth.length; i++) {
      squares += Math.pow(outputs[i] - truth[i], 2);
    }
    return Math.sqrt(squares);
  }

  /** Without outliers the inner sketch keeps all bytes but those of the moments. */
  @Test
  void heavyKeysTakeOnlyTheBytesThatTheyUse() {
    AnchorSet set = TestSets.inABall(4);
    TokenBlock plain = Streams.gaussian(random, 3000, 4, 60, 1);
    SketchConfig config = new SketchConfig(4, 60, 7_500, 3, Map.of(HeavyFamily.SHARE, "0.5"));
    HeavySketch none =
        heavy(
            SketchFamilies.withHeavyKeys(family("anchors"))
                .begin(config, plain.slice(0, 100), AnchorSets.of(set)));
    none.update(plain);
    assertThat(none.keys().room()).isZero();
    int before = none.inner().stateBytes();
    TokenBlock outliers = Streams.gaussian(random, 6, 4, 60, 30);
    none.update(outliers);
    assertThat(none.keys().tokens().count()).isEqualTo(6);
    assertThat(none.inner().stateBytes()).isLessThan(before);
    assertThat(none.stateBytes()).isBetween(7_000, 7_500);
    HeavySketch read = heavy(SketchFamilies.heapify(none.toByteArray(), AnchorSets.of(set)));
    assertThat(read.inner().stateBytes()).isEqualTo(none.inner().stateBytes());
    assertThat(read.toByteArray()).isEqualTo(none.toByteArray());
  }

  /** Four sinks of a thousand tokens each take the bytes of four keys, and count in full. */
  @Test
  void tokensOfEqualKeysTakeTheBytesOfOne() {
    TokenBlock tokens = Streams.gaussian(random, 4000, 6, 2, 1);
    for (int j = 0; j < 4000; j += 5) {
      for (int i = 0; i < 6; i++) {
        tokens.keys()[j * 6 + i] = i == j / 5 % 4 ? 25 : 0;
      }
    }
    HeavySketch sketch = heavy(folded("ridge", 0.2, tokens, AnchorSets.NONE));
    long kept = sketch.keys().tokenCount();
    assertThat(kept).as("sinks, and an outlier or two").isBetween(800L, 802L);
    assertThat(sketch.keys().tokens().count()).isEqualTo((int) kept - 800 + 4);
    assertThat(sketch.tokenCount()).isEqualTo(4000);
    // Queries that ask for one sink: it has nearly all of the weight, 200 times e^10.
    float[] vectors = new float[4 * 6];
    for (int q = 0; q < 4; q++) {
      vectors[q * 6 + q] = 0.4f;
    }
    QueryBlock queries = new QueryBlock(vectors, 4, 6, 1);
    ExactAttention.Result truth = Streams.oracle(tokens, queries);
    SoftmaxSum sums = Streams.sums(sketch, queries);
    assertThat(Streams.distance(Streams.outputs(sums, 2), truth.outputs(), 2)).isLessThan(0.01);
    for (int q = 0; q < 4; q++) {
      assertThat(sums.logNormalizer(q)).isCloseTo(truth.logNormalizers()[q], within(0.01));
    }
    // Take back all tokens of the first sink but one, in any order.
    TokenBlock first = tokens.slice(0, 0);
    for (int j = 20; j < 4000; j += 20) {
      first.append(tokens.slice(j, j + 1));
    }
    sketch.update(Streams.retractions(first));
    assertThat(sketch.keys().tokenCount()).isEqualTo(kept - 199);
    double left = Streams.sums(sketch, queries).output(0, 0);
    double others = Streams.oracle(rest(tokens, j -> j % 20 != 0 || j == 0), queries).outputs()[0];
    assertThat(left).isCloseTo(others, within(0.05));
  }

  private static TokenBlock rest(TokenBlock tokens, IntPredicate stays) {
    TokenBlock rest = tokens.slice(0, 0);
    for (int j = 0; j < tokens.count(); j++) {
      if (stays.test(j)) {
        rest.append(tokens.slice(j, j + 1));
      }
    }
    return rest;
  }

  @ParameterizedTest
  @ValueSource(strings = {"polynomial", "ridge", "anchors"})
  void aHeavyKeyThatIsTakenBackIsGone(String name) {
    int n = 4000;
    TokenBlock tokens = withNeedles(n, 8, 5);
    AnchorSets anchors = AnchorSets.of(TestSets.inABall(8));
    HeavySketch sketch = heavy(folded(name, 0.2, tokens, anchors));
    QueryBlock queries = askingForNeedles(tokens, n, 5);
    int kept = sketch.keys().tokens().count();
    long tokensBefore = sketch.tokenCount();
    for (int j = 250; j < n; j += 500) {
      sketch.update(Streams.retractions(tokens.slice(j, j + 1)));
    }
    assertThat(sketch.keys().tokens().count()).isEqualTo(kept - n / 500);
    assertThat(sketch.tokenCount()).isEqualTo(tokensBefore - n / 500);
    double[] left = Streams.outputs(Streams.sums(sketch, queries), 2);
    for (int q = 0; q < queries.count(); q++) {
      assertThat(Math.abs(left[2 * q])).isLessThan(1.5);
    }
  }

  /** The kept keys of shards are those of the whole, and each token is counted once. */
  @ParameterizedTest
  @ValueSource(strings = {"polynomial", "ridge", "cluster", "anchors"})
  void shardsMergeWithTheirHeavyKeys(String name) {
    int n = 4000;
    TokenBlock tokens = withNeedles(n, 8, 5);
    AnchorSets anchors = AnchorSets.of(TestSets.inABall(8));
    QueryBlock queries = askingForNeedles(tokens, n, 5);
    TokenBlock known = tokens.slice(0, 200);
    SketchFamily family = SketchFamilies.withHeavyKeys(family(name));
    AttentionSketch left = family.begin(config(8, 2, 0.2), known, anchors);
    AttentionSketch right = family.begin(config(8, 2, 0.2), known, anchors);
    for (int from = 0; from < n; from += 100) {
      // The right one has needles only in its last part, and so a smaller room.
      (from < 3200 ? left : right).update(tokens.slice(from, from + 100));
    }
    byte[] before = right.toByteArray();
    left.merge(right);
    assertThat(right.toByteArray()).isEqualTo(before);
    assertThat(left.tokenCount()).isEqualTo(n);
    assertThat(left.stateBytes()).isLessThanOrEqualTo(BYTES);
    double[] truth = Streams.oracle(tokens, queries).outputs();
    double[] merged = Streams.outputs(Streams.sums(left, queries), 2);
    for (int q = 0; q < queries.count(); q++) {
      assertThat(merged[2 * q]).isCloseTo(truth[2 * q], within(1.0));
    }
    AttentionSketch other = folded(name, 0, tokens, anchors);
    assertThatThrownBy(() -> left.merge(other)).isInstanceOf(IncompatibleSketchException.class);
    AttentionSketch otherShare = family.begin(config(8, 2, 0.1), known, anchors);
    if (!name.equals("cluster")) {
      assertThatThrownBy(() -> left.merge(otherShare))
          .isInstanceOf(IncompatibleSketchException.class);
    }
  }

  /** Each block counts twice as much as the one before; exponents reach beyond floats. */
  @Test
  void heavyKeysDecayLikeAllTokens() {
    int n = 40 * 64;
    TokenBlock tokens = Streams.gaussian(random, n, 6, 2, 1);
    for (int j = 32; j < n; j += 320) {
      for (int i = 0; i < 6; i++) {
        tokens.keys()[j * 6 + i] *= 8;
      }
    }
    SketchFamily family = SketchFamilies.withHeavyKeys(family("cluster"));
    AttentionSketch sketch = family.begin(config(6, 2, 0.2), tokens.slice(0, 64), AnchorSets.NONE);
    AttentionSketch exact =
        ExactFamily.INSTANCE.begin(
            new SketchConfig(6, 2, 1 << 20, 0, Map.of()), tokens, AnchorSets.NONE);
    for (int block = 0; block < 40; block++) {
      TokenBlock some = tokens.slice(64 * block, 64 * block + 64);
      int exponent = 10 * block;
      TokenBlock weighed = some.weighted(exponent, j -> 0);
      sketch.update(weighed);
      exact.update(weighed);
    }
    assertThat(heavy(sketch).keys().tokens().count()).isPositive();
    AttentionSketch read = SketchFamilies.heapify(sketch.toByteArray(), AnchorSets.NONE);
    QueryBlock queries = Streams.queries(random, 20, 6, 0.3, 1).withExponent(390);
    SoftmaxSum truth = Streams.sums(exact, queries);
    SoftmaxSum sums = Streams.sums(read, queries);
    for (int q = 0; q < 20; q++) {
      assertThat(sums.logNormalizer(q)).isCloseTo(truth.logNormalizer(q), within(0.02));
      assertThat(sums.output(q, 0)).isCloseTo(truth.output(q, 0), within(0.1));
    }
  }

  /** Queries that close a sequence read a sketch that has folded every token. */
  @Test
  void sketchesOfQueriesReadAllTokens() {
    TokenBlock tokens = withNeedles(4000, 8, 5);
    HeavySketch sketch = heavy(folded("onepass", 0.2, tokens, AnchorSets.NONE));
    byte[] before = sketch.toByteArray();
    AttentionSketch whole = sketch.forQueries();
    assertThat(whole.family()).isSameAs(family("onepass"));
    assertThat(whole.tokenCount()).isEqualTo(4000);
    assertThat(sketch.inner().tokenCount()).isLessThan(4000);
    assertThat(sketch.toByteArray()).isEqualTo(before);
  }

  @Test
  void complaintsSayWhatWouldFit() {
    SketchFamily family = SketchFamilies.withHeavyKeys(family("cluster"));
    assertThat(family.complaint(config(32, 2, 0.1)).orElseThrow())
        .contains("heavy.share of 0.1 is 1600 bytes")
        .contains("a share of 0.145 is enough");
    assertThat(family.complaint(config(8, 2, 0.6)).orElseThrow()).contains("at most 0.5");
    assertThat(family.complaint(config(8, 2, 0)).orElseThrow()).contains("above 0");
    assertThat(family.complaint(config(8, 2, 0.1))).isEmpty();
    assertThat(family.describe(config(8, 2, 0.1))).contains("heavy keys of degree 2");
    assertThat(SketchFamilies.withHeavyKeys(ExactFamily.INSTANCE)).isSameAs(ExactFamily.INSTANCE);
    assertThat(SketchFamilies.byId(family.id())).isSameAs(family);
    assertThat(family.name()).isEqualTo("cluster");
  }
}
