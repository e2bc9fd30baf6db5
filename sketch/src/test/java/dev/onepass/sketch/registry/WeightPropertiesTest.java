// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.registry;

import static dev.onepass.sketch.registry.FamilyPropertiesTest.MAX_BYTES;
import static dev.onepass.sketch.registry.FamilyPropertiesTest.SAMPLE_BYTES;
import static dev.onepass.sketch.registry.FamilyPropertiesTest.assertSameAnswers;
import static dev.onepass.sketch.registry.FamilyPropertiesTest.assertSameNormalizers;
import static dev.onepass.sketch.registry.FamilyPropertiesTest.bits;
import static dev.onepass.sketch.registry.FamilyPropertiesTest.folded;
import static dev.onepass.sketch.registry.FamilyPropertiesTest.mutate;
import static dev.onepass.sketch.registry.FamilyPropertiesTest.refusedOrWorks;
import static dev.onepass.sketch.registry.FamilyPropertiesTest.truncationsAreRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.ridge.RidgeFamily;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** Checks that every family honours the weights of tokens: biases, and exponents as of a decay. */
class WeightPropertiesTest {

  private static final double LN2 = Math.log(2);

  /** The offset of the exponent in a preamble of format 2. */
  private static final int EXPONENT_AT = 20;

  private static void assertSame(
      FamilyCase family,
      AttentionSketch sketch,
      AttentionSketch expected,
      QueryBlock queries,
      double tolerance,
      double maxValue) {
    if (family.noisy()) {
      // Noise depends on the rows of tokens; only the denominator has none.
      assertSameNormalizers(sketch, expected, queries, tolerance);
    } else {
      assertSameAnswers(sketch, expected, queries, tolerance * Math.max(1, maxValue));
    }
  }

  /** A token of bias ln m counts like m equal tokens. */
  @Property(seed = "1", tries = 40, shrinking = ShrinkingMode.OFF)
  void aBiasOfLogMCountsLikeMTokens(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int d,
      @ForAll @IntRange(min = 1, max = 300) int n) {
    Random random = new Random(seed);
    TokenBlock tokens = Streams.gaussian(random, n, d, 3, 1);
    int[] copies = random.ints(n, 1, 5).toArray();
    TokenBlock repeated = Streams.repeated(tokens, copies);
    TokenBlock biased = tokens.weighted(0, j -> Math.log(copies[j]));
    QueryBlock queries = Streams.queries(random, 5, d, 0.5, 1);
    for (FamilyCase family : FamilyCase.withoutHeavyKeys()) {
      // A ridge of one token is another share of n tokens than of their copies.
      Map<String, String> parameters = new HashMap<>(family.parameters());
      parameters.put(RidgeFamily.PENALTY, "0");
      SketchConfig config = new SketchConfig(d, 3, MAX_BYTES, 17, parameters);
      AttentionSketch weighed = family.family().begin(config, repeated, family.anchors(d));
      weighed.update(biased);
      AttentionSketch counted = family.family().begin(config, repeated, family.anchors(d));
      counted.update(repeated);
      assertThat(weighed.tokenCount()).isEqualTo(n);
      assertSame(
          family, weighed, counted, queries, 1e-5 + family.precision(), Streams.maxValue(tokens));
    }
  }

  /**
   * Logits within the bound of the features: 1 % in exp is 2 % of max|v|. Anchors are as right as
   * their interpolation. Weights of e^5 and e^-5 lose nothing, and weights of e^80 and e^-80 only
   * what is too small to count.
   */
  @Property(seed = "2", tries = 40, shrinking = ShrinkingMode.OFF)
  void answersAgreeWithTheOracle(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int d,
      @ForAll @IntRange(min = 1, max = 300) int n) {
    Random random = new Random(seed);
    QueryBlock queries = Streams.queries(random, 5, d, 0.5, 1);
    for (double largest : new double[] {0, 5, 80}) {
      TokenBlock tokens = Streams.biased(random, Streams.ball(random, n, d, 3, 1), largest);
      ExactAttention.Result truth = Streams.oracle(tokens, queries);
      for (FamilyCase family : FamilyCase.withoutHeavyKeys()) {
        boolean exact = family.family().name().equals("exact");
        double most = exact ? 1e-9 : Math.max(0.011, family.interpolation());
        if (family.family() == RidgeFamily.INSTANCE) {
          continue;
        }
        AttentionSketch sketch = folded(family, tokens, tokens);
        SoftmaxSum sums = Streams.sums(sketch, queries);
        for (int q = 0; q < queries.count(); q++) {
          assertThat(sums.logNormalizer(q))
              .as("%s, biases up to %s", family, largest)
              .isCloseTo(truth.logNormalizers()[q], within(most));
        }
        if (!family.noisy()) {
          assertThat(Streams.distance(Streams.outputs(sums, 3), truth.outputs(), 3))
              .as("%s, biases up to %s", family, largest)
              .isLessThanOrEqualTo((exact ? 1e-9 : 0.0202) * Streams.maxValue(tokens));
        }
      }
    }
  }

  /** Invariant 2, between sketches of different exponents. */
  @Property(seed = "3", tries = 40, shrinking = ShrinkingMode.OFF)
  void mergingEqualsFolding(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int d,
      @ForAll @IntRange(max = 300) int n,
      @ForAll @IntRange(min = 1, max = 300) int m,
      @ForAll @IntRange(min = -12, max = 12) int power) {
    Random random = new Random(seed);
    TokenBlock a = Streams.biased(random, Streams.gaussian(random, n, d, 3, 1), 5);
    TokenBlock b =
        Streams.raised(Streams.biased(random, Streams.gaussian(random, m, d, 3, 1), 5), power);
    TokenBlock both = Streams.concat(a, b);
    QueryBlock queries = Streams.queries(random, 6, d, 0.5, 1);
    for (FamilyCase family : FamilyCase.withoutHeavyKeys()) {
      if (family.interpolation() > 0 && n + m < 24) {
        continue; // A merge always chooses a kernel; a fold of a few tokens does not.
      }
      AttentionSketch whole = folded(family, both, a, b);
      AttentionSketch left = folded(family, both, a);
      AttentionSketch right = folded(family, n, both, b);
      byte[] rightBytes = right.toByteArray();
      left.merge(right);
      assertThat(right.toByteArray()).as("the other one is left as it is").isEqualTo(rightBytes);
      assertThat(left.tokenCount()).isEqualTo(whole.tokenCount()).isEqualTo(n + m);
      assertThat(left.stateBytes()).isLessThanOrEqualTo(MAX_BYTES);
      double tolerance = 1e-5 + 4 * family.rounding();
      assertSame(family, left, whole, queries, tolerance, Streams.maxValue(both));
    }
  }

  /** Invariant 3: the same bias takes a token back. */
  @Property(seed = "4", tries = 40, shrinking = ShrinkingMode.OFF)
  void retractingWithTheSameBiasRestoresTheAnswer(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int d,
      @ForAll @IntRange(min = 1, max = 300) int n,
      @ForAll @IntRange(min = 1, max = 300) int m,
      @ForAll @IntRange(max = 3) int age) {
    Random random = new Random(seed);
    TokenBlock retracted =
        Streams.raised(Streams.biased(random, Streams.gaussian(random, m, d, 3, 1), 3), -age);
    TokenBlock kept = Streams.biased(random, Streams.gaussian(random, n, d, 3, 1), 3);
    TokenBlock both = Streams.concat(retracted, kept);
    QueryBlock queries = Streams.queries(random, 6, d, 0.5, 1);
    double peak = both.mass() / kept.mass();
    for (FamilyCase family : FamilyCase.withoutHeavyKeys()) {
      if (!family.canRetract(FamilyPropertiesTest.config(family, 0, d, 3))) {
        continue;
      }
      AttentionSketch sketch =
          folded(family, both, retracted, kept, Streams.retractions(retracted));
      assertThat(sketch.tokenCount()).isEqualTo(n);
      // Logits stay below about 2, so the peak mass is at most e^4 times that of the weights.
      double rounding = (1e-6 + 3 * family.rounding()) * peak * Math.exp(4);
      assertSame(
          family, sketch, folded(family, both, kept), queries, rounding, Streams.maxValue(both));
    }
  }

  /** A factor that all weights have in common changes only the normalizer. */
  @Property(seed = "5", tries = 30, shrinking = ShrinkingMode.OFF)
  void aCommonFactorMovesOnlyTheNormalizer(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 5) int d,
      @ForAll @IntRange(min = 1, max = 200) int n,
      @ForAll @IntRange(min = -1_000_000_000, max = 1_000_000_000) int power) {
    Random random = new Random(seed);
    TokenBlock tokens = Streams.biased(random, Streams.gaussian(random, n, d, 3, 1), 5);
    TokenBlock raised = Streams.raised(tokens, power);
    QueryBlock queries = Streams.queries(random, 4, d, 0.7, 1);
    for (FamilyCase family : FamilyCase.withoutHeavyKeys()) {
      AttentionSketch sketch = folded(family, tokens, tokens);
      AttentionSketch moved = folded(family, tokens, raised);
      assertThat(bits(moved, queries.withExponent(power)))
          .as(family.toString())
          .isEqualTo(bits(sketch, queries));
      SoftmaxSum sums = Streams.sums(moved, queries);
      SoftmaxSum own = Streams.sums(sketch, queries);
      for (int q = 0; q < queries.count(); q++) {
        double expected = own.logNormalizer(q) + power * LN2;
        assertThat(sums.logNormalizer(q))
            .isCloseTo(expected, within(1e-12 * Math.max(1, Math.abs(expected))));
      }
    }
  }

  /** Tokens that are thousands of half-lives old are gone, and leave no trace in the answer. */
  @Property(seed = "6", tries = 30, shrinking = ShrinkingMode.OFF)
  void whatIsThousandsOfHalfLivesOldFadesToNothing(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 5) int d,
      @ForAll @IntRange(min = 1, max = 200) int n) {
    Random random = new Random(seed);
    QueryBlock queries = Streams.queries(random, 4, d, 0.5, 1).withExponent(5000);
    TokenBlock old = Streams.biased(random, Streams.gaussian(random, n, d, 3, 1), 5);
    TokenBlock now =
        Streams.raised(Streams.biased(random, Streams.gaussian(random, n, d, 3, 1), 5), 5000);
    for (FamilyCase family : FamilyCase.withoutHeavyKeys()) {
      AttentionSketch sketch = folded(family, now, old, Streams.raised(old, 60));
      AttentionSketch other = folded(family, 2L * n, now, now);
      AttentionSketch merged = SketchFamilies.heapify(sketch.toByteArray(), family.anchors(d));
      merged.merge(other);
      sketch.update(now);
      AttentionSketch alone = folded(family, now, now);
      assertThat(sketch.tokenCount()).isEqualTo(3L * n);
      double tolerance = 1e-5 + family.precision();
      assertSame(family, sketch, alone, queries, tolerance, Streams.maxValue(now));
      assertSame(family, merged, alone, queries, tolerance, Streams.maxValue(now));
    }
  }

  /** Decay by one half-life a block: 5 000 of them, and the answer is that of the last ones. */
  @Property(seed = "7", tries = 3, shrinking = ShrinkingMode.OFF)
  void decayOverFiveThousandHalfLivesKeepsTheNewestTokens(@ForAll long seed) {
    Random random = new Random(seed);
    int half = 20;
    int blocks = 5000;
    TokenBlock tokens = Streams.ball(random, blocks * half, 2, 2, 1);
    QueryBlock queries = Streams.queries(random, 4, 2, 0.5, 1).withExponent(blocks);
    // The oracle needs no more than the last 60 half-lives: the rest weighs 2^-60.
    int first = (blocks - 60) * half;
    TokenBlock last =
        tokens.slice(first, blocks * half).weighted(blocks, j -> LN2 * (j / (double) half - 60));
    ExactAttention.Result truth = Streams.oracle(last, queries);
    for (FamilyCase family : FamilyCase.withoutHeavyKeys()) {
      if (family.noisy() || family.family().name().equals("exact")) {
        continue;
      }
      // Fewer clusters than elsewhere: each of the many folds looks at all of them.
      SketchConfig config = new SketchConfig(2, 2, MAX_BYTES / 8, 17, family.parameters());
      AttentionSketch sketch =
          family.family().begin(config, tokens.slice(0, half), family.anchors(2));
      for (int b = 0; b < blocks; b++) {
        TokenBlock block = tokens.slice(b * half, (b + 1) * half);
        sketch.update(block.weighted(b, j -> LN2 * j / half));
      }
      SoftmaxSum sums = Streams.sums(sketch, queries);
      // Features are right to 1 %; keys that are not Gaussian cost the ridge as much.
      assertThat(Streams.distance(Streams.outputs(sums, 2), truth.outputs(), 2))
          .as(family.toString())
          .isLessThanOrEqualTo(0.03 * Streams.maxValue(tokens));
      for (int q = 0; q < queries.count(); q++) {
        assertThat(sums.logNormalizer(q)).isCloseTo(truth.logNormalizers()[q], within(0.02));
      }
    }
  }

  /** Invariant 4, and invariant 1 whenever the first token of another weight comes. */
  @Property(seed = "8", tries = 40, shrinking = ShrinkingMode.OFF)
  void bytesGoToAnEqualSketchAndBack(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int d,
      @ForAll @IntRange(min = 1, max = 5) int dv,
      @ForAll @IntRange(max = 300) int n) {
    Random random = new Random(seed);
    TokenBlock plain = Streams.gaussian(random, n, d, dv, 1);
    TokenBlock biased = Streams.biased(random, Streams.gaussian(random, n, d, dv, 1), 5);
    TokenBlock later =
        Streams.raised(Streams.biased(random, Streams.gaussian(random, 40, d, dv, 1), 80), 7);
    QueryBlock queries = Streams.queries(random, 5, d, 0.5, 0.7);
    for (FamilyCase family : FamilyCase.withoutHeavyKeys()) {
      AttentionSketch kept = folded(family, plain, plain);
      AttentionSketch read = kept;
      boolean retracts = family.canRetract(FamilyPropertiesTest.config(family, 0, d, dv));
      TokenBlock last = retracts ? Streams.retractions(biased) : biased;
      for (TokenBlock block : new TokenBlock[] {biased, later, last}) {
        kept.update(block);
        kept.settle();
        if (read != kept) {
          read.update(block);
        }
        byte[] bytes = read.toByteArray();
        assertThat(kept.toByteArray()).as(family.toString()).isEqualTo(bytes);
        assertThat(bytes.length).isEqualTo(kept.stateBytes()).isLessThanOrEqualTo(MAX_BYTES);
        read = SketchFamilies.heapify(bytes.clone(), family.anchors(d));
        assertThat(read.tokenCount()).isEqualTo(kept.tokenCount());
        assertThat(read.toByteArray()).isEqualTo(bytes);
        assertThat(bits(read, queries)).isEqualTo(bits(kept, queries));
      }
    }
  }

  /** A sketch that was begun in few bytes stays within them when tokens get weights. */
  @Property(seed = "9", tries = 200, shrinking = ShrinkingMode.OFF)
  void weightsFitIntoEveryByteBound(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int d,
      @ForAll @IntRange(min = 1, max = 6) int dv,
      @ForAll @IntRange(max = 6000) int bytes) {
    Random random = new Random(seed);
    TokenBlock one = Streams.gaussian(random, 1, d, dv, 1);
    for (FamilyCase family : FamilyCase.withoutHeavyKeys()) {
      SketchConfig config = new SketchConfig(d, dv, bytes, 17, family.parameters());
      if (family.family().complaint(config).isEmpty()) {
        AttentionSketch sketch = family.family().begin(config, one, family.anchors(d));
        sketch.update(Streams.biased(random, one, 5));
        assertThat(sketch.stateBytes()).as(family.toString()).isLessThanOrEqualTo(bytes);
      }
    }
  }

  /** Biases of any legal size, in any order, taken back or not, never lead to NaN or infinity. */
  @Property(seed = "10", tries = 60, shrinking = ShrinkingMode.OFF)
  void extremeWeightsLeaveFiniteAnswers(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int d,
      @ForAll @IntRange(min = 2, max = 60) int n) {
    Random random = new Random(seed);
    QueryBlock queries = Streams.queries(random, 4, d, 2, 1);
    long[] powers = {0, 0, 1, 200, -200, 5000, 1L << 40, -(1L << 40)};
    TokenBlock first = extreme(random, n, d, powers[random.nextInt(powers.length)]);
    TokenBlock second = extreme(random, n, d, powers[random.nextInt(powers.length)]);
    for (FamilyCase family : FamilyCase.withoutHeavyKeys()) {
      TokenBlock known = random.nextBoolean() ? first : second;
      AttentionSketch sketch = folded(family, known, first, second);
      assertFinite(family, sketch, queries);
      if (!family.canRetract(FamilyPropertiesTest.config(family, 0, d, 2))) {
        continue;
      }
      for (TokenBlock block : new TokenBlock[] {second, first}) {
        for (int from = 0; from < n; from += n / 2) {
          int to = Math.min(n, from + n / 2);
          sketch.update(Streams.retractions(block.slice(from, to)));
          sketch = SketchFamilies.heapify(sketch.toByteArray(), family.anchors(d));
          assertFinite(family, sketch, queries);
        }
      }
      assertThat(sketch.tokenCount()).isZero();
      sketch.update(second);
      assertFinite(family, sketch, queries);
    }
  }

  private static TokenBlock extreme(Random random, int n, int d, long power) {
    float[] biases = {80, -80, 0, 1, -40};
    int kinds = 1 + random.nextInt(biases.length);
    int at = random.nextInt(biases.length);
    return Streams.gaussian(random, n, d, 2, 1)
        .weighted(power, j -> biases[(at + random.nextInt(kinds)) % biases.length]);
  }

  private static void assertFinite(FamilyCase family, AttentionSketch sketch, QueryBlock queries) {
    SoftmaxSum sums = Streams.sums(sketch, queries);
    for (int q = 0; q < queries.count(); q++) {
      if (sketch.tokenCount() > 0) {
        // Whole tokens that cancel leave no mass, and the answer is marked as lost.
        boolean none = family.family().name().equals("exact") && sums.isLost(q);
        assertThat(none || Double.isFinite(sums.logNormalizer(q))).as(family.toString()).isTrue();
        for (int c = 0; c < 2; c++) {
          assertThat(none || Double.isFinite(sums.output(q, c))).as(family.toString()).isTrue();
        }
      }
      assertThat(sums.logNormalizer(q)).isNotNaN().isNotEqualTo(Double.POSITIVE_INFINITY);
    }
  }

  private static byte[] sample(FamilyCase family, Random random, int n) {
    TokenBlock block = Streams.biased(random, Streams.gaussian(random, n, 2, 1, 1), 5);
    SketchConfig config = new SketchConfig(2, 1, SAMPLE_BYTES, 17, family.parameters());
    AttentionSketch sketch = family.family().begin(config, block, family.anchors(2));
    sketch.update(block);
    byte[] bytes = sketch.toByteArray();
    assertThat(bytes[2]).as("format").isEqualTo((byte) 2);
    return bytes;
  }

  @Property(seed = "11", tries = 10, shrinking = ShrinkingMode.OFF)
  void everyTruncationIsRefused(@ForAll long seed) {
    for (FamilyCase family : FamilyCase.withoutHeavyKeys()) {
      truncationsAreRefused(sample(family, new Random(seed), 5), family.anchors(2));
    }
  }

  /** Changed bytes are refused, or are a sketch that works. */
  @Property(seed = "12", tries = 1000, shrinking = ShrinkingMode.OFF)
  void mutatedBytesAreRefusedOrWork(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int mutations) {
    Random random = new Random(seed);
    for (FamilyCase family : FamilyCase.withoutHeavyKeys()) {
      byte[] bytes = sample(family, random, 1 + random.nextInt(20));
      mutate(bytes, random, mutations, 100);
      refusedOrWorks(bytes, family.anchors(2));
    }
  }

  @Property(seed = "13", tries = 20, shrinking = ShrinkingMode.OFF)
  void exponentsOutOfRangeAreRefused(@ForAll long seed) {
    Random random = new Random(seed);
    for (FamilyCase family : FamilyCase.withoutHeavyKeys()) {
      byte[] bytes = sample(family, random, 5);
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      for (long legal : new long[] {1L << 60, -(1L << 60)}) {
        buffer.putLong(EXPONENT_AT, legal);
        refusedOrWorks(bytes, family.anchors(2));
      }
      for (long wrong : new long[] {(1L << 60) + 1, Long.MAX_VALUE, Long.MIN_VALUE}) {
        buffer.putLong(EXPONENT_AT, wrong);
        assertThatThrownBy(() -> SketchFamilies.heapify(bytes, family.anchors(2)))
            .isInstanceOf(CorruptSketchException.class)
            .hasMessageContaining("exponent");
      }
    }
  }
}
