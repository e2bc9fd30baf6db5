// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.polynomial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.UnfitConfigException;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.registry.Streams;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolynomialSketchTest {

  private final Random random = new Random(31);

  private static SketchConfig config(int d, int dv, double bound, double tolerance) {
    return new SketchConfig(
        d,
        dv,
        1 << 24,
        0,
        Map.of(
            PolynomialFamily.LOGIT_BOUND, Double.toString(bound),
            PolynomialFamily.TOLERANCE, Double.toString(tolerance)));
  }

  private static PolynomialSketch sketchOf(SketchConfig config, TokenBlock block) {
    PolynomialSketch sketch =
        (PolynomialSketch) PolynomialFamily.INSTANCE.begin(config, block, AnchorSets.NONE);
    sketch.update(block);
    return sketch;
  }

  /**
   * Within the bound each weight is e^l (1 + delta), |delta| <= eps. So the answer moves by |sum
   * p_j delta_j (v_j - y)| / (1 + sum p_j delta_j) <= 2 eps max|v| / (1 - eps), and ln den by at
   * most -ln(1 - eps).
   *
   * <p>Float sums add at most a few 2^-24 of sum |phi(q)||phi(k)| <= n e^B, over a denominator of
   * at least n e^-B. Rounding errors of 256 terms stay below 2e-6 of the magnitudes.
   */
  @ParameterizedTest
  @CsvSource({
    "2,0.5,0.01,1",
    "4,1,0.01,1",
    "4,1,1e-5,1",
    "3,2,0.01,1",
    "2,4,0.01,1",
    "2,8,0.01,1",
    "16,0.2,0.01,1",
    "3,2,0.01,1e-3",
    "2,8,0.01,1e3",
    "2,4,0.01,1e-18",
    "2,4,0.01,1e18"
  })
  void answersStayWithinTwiceTheTolerance(int d, double bound, double eps, double keySize) {
    TokenBlock block = Streams.ball(random, 1500, d, 3, keySize);
    PolynomialSketch sketch = sketchOf(config(d, 3, bound, eps), block);
    assertThat(sketch.keys().bound()).isGreaterThanOrEqualTo(bound);
    assertThat(sketch.keys().clipped()).isZero();
    double largest = bound / Streams.keyRadius(block);
    for (double part : new double[] {0, 0.1, 0.999}) {
      QueryBlock queries = Streams.queries(random, 40, d, 4 * part * largest, 0.25);
      SoftmaxSum sums = Streams.sums(sketch, queries);
      ExactAttention.Result truth = Streams.oracle(block, queries);
      double rounding = 2e-6 * Math.exp(2 * bound);
      assertThat(Streams.distance(Streams.outputs(sums, 3), truth.outputs(), 3))
          .isLessThanOrEqualTo((2 * eps / (1 - eps) + rounding) * Streams.maxValue(block));
      for (int q = 0; q < queries.count(); q++) {
        assertThat(sums.logNormalizer(q))
            .isCloseTo(truth.logNormalizers()[q], within(-Math.log1p(-eps) + rounding));
        assertThat(sums.beyondBound(q)).as("certainly within the bound").isZero();
        assertThat(sums.isLost(q)).isFalse();
      }
      assertThat(sums.isBounded()).isTrue();
    }
  }

  @Test
  void aCommonShiftOfAllKeysDoesNotMatter() {
    TokenBlock near = new TokenBlock(3, 2, 800);
    TokenBlock far = new TokenBlock(3, 2, 800);
    for (int j = 0; j < 800; j++) {
      float[] key = new float[3];
      float[] shifted = new float[3];
      for (int i = 0; i < 3; i++) {
        key[i] = (random.nextInt(128) - 64) / 64f;
        // Multiples of 1/64 keep their exact differences at 2^10.
        shifted[i] = key[i] + 1024 * (i + 1);
      }
      float[] value = Streams.vector(random, 2, 1);
      near.append(key, value, 1);
      far.append(shifted, value, 1);
    }
    SketchConfig config = config(3, 2, 2, 0.01);
    QueryBlock queries = Streams.queries(random, 30, 3, 0.9, 1);
    SoftmaxSum nearSums = Streams.sums(sketchOf(config, near), queries);
    SoftmaxSum farSums = Streams.sums(sketchOf(config, far), queries);
    // The mean is a float and may be off by 2e-4. A shift of the centre by delta moves the answer
    // by at most the slope of the tolerance, 0.01 * delta * |q| of max|v|. Floats add 1e-5.
    assertThat(Streams.distance(Streams.outputs(nearSums, 2), Streams.outputs(farSums, 2), 2))
        .isLessThan(2e-5 * Streams.maxValue(near));
    // The normalizer is that of keys that are not centred.
    for (int q = 0; q < 30; q++) {
      assertThat(farSums.logNormalizer(q))
          .isCloseTo(Streams.oracle(far, queries).logNormalizers()[q], within(0.0102));
    }
  }

  /**
   * The share is that of a normal distribution with the true mean and variance of the logits. For
   * normal keys only sampling errors are left: 3 standard deviations of a share over 4000 tokens
   * are below 0.024.
   */
  @ParameterizedTest
  @CsvSource({"8,0.2", "8,0.5", "8,1", "8,3", "8,30", "3,1", "3,1000"})
  void theShareBeyondTheBoundIsEstimated(int d, double deviation) {
    TokenBlock block = Streams.gaussian(random, 4000, d, 1, 1);
    PolynomialSketch sketch = sketchOf(config(d, 1, 0.3, 0.01), block);
    QueryBlock queries = Streams.queries(random, 20, d, deviation, 1);
    SoftmaxSum sums = Streams.sums(sketch, queries);
    for (int q = 0; q < queries.count(); q++) {
      double share = sums.beyondBound(q) / 4000;
      assertThat(share)
          .isCloseTo(trueShare(block, queries, q, sketch.keys().bound()), within(0.024));
    }
  }

  private static double trueShare(TokenBlock block, QueryBlock queries, int q, double bound) {
    int d = block.keyDim();
    double[] logits = new double[block.count()];
    double mean = 0;
    for (int j = 0; j < block.count(); j++) {
      for (int i = 0; i < d; i++) {
        logits[j] += (double) queries.vectors()[q * d + i] * block.keys()[j * d + i];
      }
      mean += logits[j] / block.count();
    }
    int beyond = 0;
    for (double logit : logits) {
      beyond += Math.abs(logit - mean) > bound ? 1 : 0;
    }
    return beyond / (double) block.count();
  }

  @Test
  void driftBeyondTheBoundIsReported() {
    TokenBlock early = Streams.ball(random, 100, 2, 1, 0.1);
    PolynomialSketch sketch = sketchOf(config(2, 1, 1, 0.01), early);
    TokenBlock late = new TokenBlock(2, 1, 0);
    for (int j = 0; j < 300; j++) {
      late.append(new float[] {5, 5}, new float[] {1}, 1);
    }
    sketch.update(late);
    QueryBlock query = new QueryBlock(new float[] {1, 1}, 1, 2, 1);
    // Three of four logits are about 10. A normal distribution with their mean 7.5 and deviation
    // 4.3 gives 0.94.
    assertThat(Streams.sums(sketch, query).beyondBound(0) / 400).isBetween(0.75, 1.0);
  }

  @Test
  void aClippedKeyCountsAsBeyondUntilItIsTakenBack() {
    TokenBlock block = Streams.ball(random, 200, 2, 1, 1);
    PolynomialSketch sketch = sketchOf(config(2, 1, 4, 0.01), block);
    // The query is so short that clipped keys have logits within the bound; the true logit is 1e6.
    QueryBlock query = Streams.queries(random, 1, 2, 1e-3, 1);
    assertThat(Streams.sums(sketch, query).beyondBound(0)).isZero();
    TokenBlock far = TokenBlock.of(2, 1, 1, new float[] {1e9f, 1e9f}, new float[] {1});
    sketch.update(far);
    assertThat(sketch.keys().clipped()).isEqualTo(1);
    assertThat(Streams.sums(sketch, query).beyondBound(0)).isCloseTo(1, within(1e-9));
    sketch.update(Streams.retractions(far));
    assertThat(sketch.keys().clipped()).isZero();
    assertThat(Streams.sums(sketch, query).beyondBound(0)).isZero();
  }

  @Test
  void aRetractedTokenThatDominatedIsReportedAndOthersAreNot() {
    TokenBlock block = Streams.ball(random, 500, 2, 1, 1);
    PolynomialSketch sketch = sketchOf(config(2, 1, 1, 0.01), block);
    QueryBlock queries = Streams.queries(random, 10, 2, 0.5, 1);
    TokenBlock mild = TokenBlock.of(2, 1, 1, new float[] {2, 2}, new float[] {1});
    sketch.update(mild);
    sketch.update(Streams.retractions(mild));
    for (int q = 0; q < 10; q++) {
      assertThat(Streams.sums(sketch, queries).isLost(q)).isFalse();
    }
    TokenBlock dominant = TokenBlock.of(2, 1, 1, new float[] {900, 900}, new float[] {1});
    sketch.update(dominant);
    sketch.update(Streams.retractions(dominant));
    for (int q = 0; q < 10; q++) {
      assertThat(Streams.sums(sketch, queries).isLost(q)).isTrue();
    }
  }

  /**
   * Floats that are rounded at random: 62 500 blocks of 16 leave sqrt(62500 / 3) / 2 = 72 units of
   * 2^-23, 8.6e-6, of the summed magnitudes in a moment. Answers of keys within the bound are
   * allowed three times that, in units of max|v|. With rounding to nearest, the first coordinate is
   * off by 6e-5.
   */
  @Test
  void momentsOfAMillionTokensAgreeWithDoubles() {
    int d = 2;
    SketchConfig config = config(d, 2, 1, 0.01);
    TokenBlock known = Streams.ball(random, 1000, d, 2, 1);
    PolynomialSketch sketch =
        (PolynomialSketch) PolynomialFamily.INSTANCE.begin(config, known, AnchorSets.NONE);
    QueryBlock queries = Streams.queries(random, 20, d, 0.45, 1);
    double[] den = new double[20];
    double[] num = new double[40];
    double[] centre = new double[d];
    for (int i = 0; i < 1000 * d; i++) {
      centre[i % d] += known.keys()[i] / 1000.0;
    }
    for (int block = 0; block < 62_500; block++) {
      TokenBlock tokens = Streams.ball(random, 16, d, 2, 1);
      for (int j = 0; j < 16; j++) {
        // The values are equal except for one, so that clamping to the range does not hide the
        // drift.
        tokens.values()[2 * j] = block + j == 0 ? 1 : 0.1f;
        tokens.values()[2 * j + 1] += 5;
        for (int q = 0; q < 20; q++) {
          double logit = 0;
          for (int i = 0; i < d; i++) {
            logit += queries.vectors()[q * d + i] * (tokens.keys()[j * d + i] - centre[i]);
          }
          double weight = TaylorPolynomial.value(sketch.keys().basis().degree(), logit);
          den[q] += weight;
          num[2 * q] += weight * tokens.values()[2 * j];
          num[2 * q + 1] += weight * tokens.values()[2 * j + 1];
        }
      }
      sketch.update(tokens);
    }
    SoftmaxSum sums = Streams.sums(sketch, queries);
    double worstSmall = 0;
    double worstLarge = 0;
    for (int q = 0; q < 20; q++) {
      worstSmall = Math.max(worstSmall, Math.abs(sums.output(q, 0) - num[2 * q] / den[q]));
      worstLarge = Math.max(worstLarge, Math.abs(sums.output(q, 1) - num[2 * q + 1] / den[q]));
    }
    assertThat(worstSmall).isLessThan(2.6e-5 * 0.1);
    assertThat(worstLarge).isLessThan(2.6e-5 * 5);
  }

  @Test
  void incompatibleSketchesAreNotMerged() {
    TokenBlock block = Streams.ball(random, 50, 2, 1, 1);
    PolynomialSketch sketch = sketchOf(config(2, 1, 1, 0.01), block);
    for (PolynomialSketch other :
        new PolynomialSketch[] {
          sketchOf(config(2, 1, 1, 0.01), Streams.ball(random, 50, 2, 1, 1)),
          sketchOf(config(2, 1, 2, 0.01), block),
          sketchOf(config(2, 1, 1, 0.001), block),
          new PolynomialSketch(
              new KeyFeatures(
                  MonomialBasis.of(2, sketch.keys().basis().degree()),
                  sketch.keys().bound(),
                  new float[2],
                  64),
              1)
        }) {
      assertThatThrownBy(() -> sketch.merge(other)).isInstanceOf(IncompatibleSketchException.class);
    }
  }

  @Test
  void theDegreeFollowsFromTheBoundAsFarAsTheBytesAllow() throws UnfitConfigException {
    SketchConfig roomy = config(4, 4, 1, 0.01);
    assertThat(PolynomialFamily.plan(roomy))
        .satisfies(plan -> assertThat(plan.degree()).isEqualTo(plan.wanted()).isEqualTo(6));
    SketchConfig tight = new SketchConfig(4, 4, (int) PolynomialSketch.bytes(4, 4, 4), 0, Map.of());
    FeatureDegree plan = PolynomialFamily.plan(tight);
    assertThat(plan.wanted()).isEqualTo(6);
    assertThat(plan.degree()).isEqualTo(4);
    assertThat(plan.bound()).isLessThan(1);
    assertThat(PolynomialFamily.INSTANCE.describe(tight)).contains("6 was wanted");
    SketchConfig strict =
        new SketchConfig(4, 4, tight.maxBytes(), 0, Map.of(FeatureDegree.DEGRADE, "false"));
    assertThat(complaint(strict)).contains("degree 6").contains(FeatureDegree.DEGRADE);
    SketchConfig hopeless =
        new SketchConfig(4, 4, (int) PolynomialSketch.bytes(4, 4, 2) - 1, 0, Map.of());
    assertThat(complaint(hopeless)).contains("a state size of about");
    assertThat(complaint(config(4, 4, -1, 0.01))).contains(PolynomialFamily.LOGIT_BOUND);
    assertThat(complaint(config(4, 4, 1, Double.NaN))).contains(PolynomialFamily.TOLERANCE);
  }

  private static String complaint(SketchConfig config) {
    return PolynomialFamily.INSTANCE.complaint(config).orElseThrow();
  }
}
