// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchored;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.TestSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.registry.Streams;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Anchors and hybrids of tokens with biases and decay. */
class WeightedHybridTest {

  private static final int D = 6;
  private static final int DV = 4;
  private static final int BYTES = 2000;
  private static final AnchorSet SET = TestSets.inABall(D);

  /** What a sketch keeps. */
  enum Parts {
    ANCHORS,
    CLUSTERS,
    BOTH;

    private AnchorSets sets() {
      return switch (this) {
        case ANCHORS -> AnchorSets.of(SET);
        case CLUSTERS -> AnchorSets.NONE;
        case BOTH -> AnchorSets.of(TestSets.withClusterShare(SET, 0.5));
      };
    }

    private AnchoredFamily family() {
      return this == ANCHORS ? AnchoredFamily.ANCHORS : AnchoredFamily.HYBRID;
    }

    HybridSketch begin() {
      return (HybridSketch)
          family()
              .begin(new SketchConfig(D, DV, BYTES, 0, Map.of()), new TokenBlock(D, DV, 0), sets());
    }
  }

  private final Random random = new Random(23);
  private final QueryBlock queries = new QueryBlock(TestSets.ball(random, 150, D, 1), 150, D, 1);

  /** Values that vary smoothly over the keys, plus noise. */
  private TokenBlock tokens(int n) {
    TokenBlock tokens = Streams.gaussian(random, n, D, DV, 1);
    for (int j = 0; j < n; j++) {
      for (int c = 0; c < DV; c++) {
        tokens.values()[j * DV + c] += (float) (2 * Math.sin(tokens.keys()[j * D + c]));
      }
    }
    return tokens;
  }

  private static HybridSketch folded(Parts parts, TokenBlock tokens) {
    HybridSketch sketch = parts.begin();
    for (int from = 0; from < tokens.count(); from += 50) {
      sketch.update(tokens.slice(from, Math.min(tokens.count(), from + 50)));
      assertThat(sketch.stateBytes()).isLessThanOrEqualTo(BYTES);
    }
    return sketch;
  }

  private static HybridSketch decayed(Parts parts, TokenBlock tokens, double halfLife) {
    HybridSketch sketch = parts.begin();
    for (int from = 0; from < tokens.count(); from += 50) {
      sketch.update(Streams.decayed(tokens, from, from + 50, halfLife));
    }
    return sketch;
  }

  private double relF(AttentionSketch sketch, TokenBlock tokens) {
    return Streams.relF(sketch, tokens, queries);
  }

  private void assertFinite(HybridSketch sketch, Parts parts) {
    SoftmaxSum sums = Streams.sums(sketch, queries);
    for (int q = 0; q < queries.count(); q++) {
      assertThat(sums.logNormalizer(q)).isFinite();
      assertThat(sums.error(q)).isNotNaN();
      for (int c = 0; c < DV; c++) {
        assertThat(sums.output(q, c)).isFinite();
      }
    }
    byte[] bytes = sketch.toByteArray();
    assertThat(bytes).hasSize(sketch.stateBytes());
    AttentionSketch read = SketchFamilies.heapify(bytes, parts.sets());
    assertThat(read.toByteArray()).isEqualTo(bytes);
    assertThat(Streams.outputs(Streams.sums(read, queries), DV))
        .isEqualTo(Streams.outputs(sums, DV));
  }

  @ParameterizedTest
  @EnumSource(Parts.class)
  void aWeightIsAMultiplicity(Parts parts) {
    TokenBlock tokens = tokens(1500);
    int[] times = random.ints(1500, 1, 6).toArray();
    TokenBlock weighted = tokens.weighted(0, j -> Math.log(times[j]));
    HybridSketch sketch = folded(parts, weighted);
    HybridSketch repeated = folded(parts, Streams.repeated(tokens, times));
    assertThat(sketch.tokenCount()).isEqualTo(1500);
    assertThat(relF(sketch, weighted)).isLessThan(1.25 * relF(repeated, weighted));
    SoftmaxSum sums = Streams.sums(sketch, queries);
    double[] truth = Streams.oracle(weighted, queries).logNormalizers();
    for (int q = 0; q < queries.count(); q++) {
      assertThat(sums.logNormalizer(q)).isCloseTo(truth[q], within(0.1));
    }
  }

  /** Errors of a stream without decay of 1.44 half-lives, and a quarter of them. */
  @ParameterizedTest
  @CsvSource({
    "ANCHORS, 500",
    "ANCHORS, 2000",
    "ANCHORS, 6000",
    "BOTH, 500",
    "BOTH, 2000",
    "BOTH, 6000"
  })
  void decayCostsLittle(Parts parts, int halfLife) {
    TokenBlock tokens = tokens(10_000);
    double error = relF(decayed(parts, tokens, halfLife), Streams.decayed(tokens, halfLife));
    TokenBlock recent = tokens.slice(10_000 - (int) (1.44 * halfLife), 10_000);
    assertThat(error).isLessThan(1.25 * relF(folded(parts, recent), recent));
  }

  @ParameterizedTest
  @EnumSource(Parts.class)
  void sketchesOfOtherExponentsAreMerged(Parts parts) {
    TokenBlock tokens = tokens(2000);
    HybridSketch[] halves = {parts.begin(), parts.begin()};
    for (int from = 0; from < 2000; from += 50) {
      halves[from / 1000].update(Streams.decayed(tokens, from, from + 50, 300));
    }
    TokenBlock all = Streams.decayed(tokens, 300);
    double whole = relF(decayed(parts, tokens, 300), all);
    byte[] old = halves[0].toByteArray();
    halves[0].merge(halves[1]);
    assertThat(halves[0].tokenCount()).isEqualTo(2000);
    assertThat(relF(halves[0], all)).isLessThan(1.3 * whole);
    halves[1].merge(SketchFamilies.heapify(old, parts.sets()));
    assertThat(relF(halves[1], all)).isLessThan(1.3 * whole);
    // Tokens of weight 1 are of exponent 0, and empty sketches of none.
    HybridSketch plain = folded(parts, tokens.slice(0, 500));
    plain.merge(halves[1]);
    plain.merge(parts.begin());
    assertFinite(plain, parts);
    HybridSketch empty = parts.begin();
    empty.merge(halves[1]);
    assertThat(relF(empty, all)).isLessThan(1.3 * whole);
    assertFinite(empty, parts);
  }

  @ParameterizedTest
  @EnumSource(Parts.class)
  void anyWeightsGiveFiniteAnswers(Parts parts) {
    HybridSketch sketch = parts.begin();
    TokenBlock tokens = tokens(100);
    long exponent = 0;
    for (int fold = 0; fold < 25; fold++) {
      float size = fold % 3 == 0 ? 80 : 1;
      exponent += fold % 5 == 4 ? random.nextInt(5000) : random.nextInt(100);
      sketch.update(
          tokens
              .slice(0, 1 + random.nextInt(100))
              .weighted(exponent, j -> random.nextBoolean() ? size : -size));
      assertFinite(sketch, parts);
      assertThat(sketch.stateBytes()).isLessThanOrEqualTo(BYTES);
    }
    sketch.update(tokens.weighted(exponent - 4000, j -> 0));
    assertFinite(sketch, parts);
  }

  @Test
  void retractionsTakeBackTheSameBias() {
    TokenBlock kept = Streams.normallyBiased(random, tokens(500), 1);
    TokenBlock gone = Streams.normallyBiased(random, tokens(300), 1);
    HybridSketch sketch = folded(Parts.ANCHORS, Streams.concat(kept, gone));
    sketch.update(Streams.retractions(gone));
    assertThat(sketch.tokenCount()).isEqualTo(500);
    assertThat(relF(sketch, kept)).isLessThan(1.2 * relF(folded(Parts.ANCHORS, kept), kept));
    sketch.update(Streams.retractions(kept));
    assertThat(sketch.tokenCount()).isZero();
    assertThat(Streams.sums(sketch, queries).logNormalizer(0)).isEqualTo(Double.NEGATIVE_INFINITY);
    sketch.update(kept);
    assertThat(Streams.sums(sketch, queries).isLost(0)).as("worn").isTrue();
    assertFinite(sketch, Parts.ANCHORS);
  }

  @Test
  void aWornSketchHealsWithDecay() {
    TokenBlock tokens = tokens(300);
    HybridSketch sketch = folded(Parts.ANCHORS, tokens.weighted(7, j -> 0));
    sketch.update(Streams.retractions(tokens.slice(1, 300)).weighted(7, j -> 0));
    for (int halfLife = 1; halfLife <= HybridSketch.WORN_FOR; halfLife++) {
      assertThat(Streams.sums(sketch, queries).isLost(0)).isTrue();
      sketch = (HybridSketch) SketchFamilies.heapify(sketch.toByteArray(), Parts.ANCHORS.sets());
      sketch.update(tokens.weighted(7 + halfLife, j -> 0));
    }
    SoftmaxSum sums = Streams.sums(sketch, queries);
    assertThat(sums.isLost(0)).isFalse();
    assertThat(relF(sketch, tokens)).isLessThan(1.1 * relF(folded(Parts.ANCHORS, tokens), tokens));
  }

  @ParameterizedTest
  @EnumSource(Parts.class)
  void hostileBytesAreRefusedOrWork(Parts parts) {
    byte[] bytes = decayed(parts, tokens(500), 100).toByteArray();
    TokenBlock more = Streams.normallyBiased(random, tokens(20), 1);
    for (int trial = 0; trial < 300; trial++) {
      byte[] forged = bytes.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        int at = random.nextBoolean() ? random.nextInt(80) : random.nextInt(bytes.length);
        forged[at] = (byte) random.nextInt(256);
      }
      AttentionSketch sketch;
      try {
        sketch = SketchFamilies.heapify(forged, parts.sets());
      } catch (CorruptSketchException e) {
        continue;
      }
      if (sketch instanceof HybridSketch && sketch.keyDim() == D && sketch.valueDim() == DV) {
        sketch.update(more);
        SoftmaxSum sums = Streams.sums(sketch, queries);
        for (int q = 0; q < queries.count() && sketch.tokenCount() > 0; q++) {
          assertThat(sums.output(q, 0)).isNotNaN();
        }
      }
    }
  }
}
