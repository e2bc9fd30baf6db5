// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchored;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.TestSets;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.cluster.ClusterFamily;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.registry.Streams;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HybridSketchTest {

  private static final int D = 6;
  private static final int DV = 4;
  private static final int TEST_QUERIES = 200;

  /** The bytes of 64 anchors of these dimensions, and a few more. */
  private static final int BYTES = 1000;

  /**
   * A set made of queries in a ball of radius 2 and of keys, from distributions that tests draw
   * from again.
   */
  private static final AnchorSet SET =
      TestSets.withClusterShare(
          AnchorSetMaker.make(3, D, queries(new Random(1), 600), keys(new Random(2), 600), 64, 7),
          0);

  private final Random random = new Random(3);

  private static float[] queries(Random random, int n) {
    return TestSets.ball(random, n, D, 2);
  }

  private static float[] keys(Random random, int n) {
    return TestSets.normal(random, n * D, 0.7);
  }

  /** Values that vary smoothly over the keys, plus noise. */
  private static TokenBlock tokens(Random random, int n) {
    float[] keys = keys(random, n);
    float[] values = new float[n * DV];
    for (int j = 0; j < n; j++) {
      for (int c = 0; c < DV; c++) {
        double phase = 2 * keys[j * D + c] + keys[j * D + (c + 1) % D];
        values[j * DV + c] = (float) (Math.sin(phase) + 0.3 * random.nextGaussian());
      }
    }
    return TokenBlock.of(D, DV, n, keys, values);
  }

  private static SketchConfig config(int d, int bytes) {
    return new SketchConfig(d, DV, bytes, 0, Map.of());
  }

  private static AttentionSketch begin(AnchoredFamily family, AnchorSets anchors) {
    return family.begin(config(D, BYTES), new TokenBlock(D, DV, 0), anchors);
  }

  private static HybridSketch folded(AnchoredFamily family, AnchorSet set, TokenBlock tokens) {
    return (HybridSketch) fold(begin(family, AnchorSets.of(set)), tokens);
  }

  private static AttentionSketch fold(AttentionSketch sketch, TokenBlock tokens) {
    for (int from = 0; from < tokens.count(); from += 64) {
      sketch.update(tokens.slice(from, Math.min(tokens.count(), from + 64)));
    }
    return sketch;
  }

  private static QueryBlock block(float[] queries) {
    return new QueryBlock(queries, queries.length / D, D, 1);
  }

  /** Returns the distance of each answer from the truth. */
  private static double[] errors(AttentionSketch sketch, TokenBlock tokens, QueryBlock queries) {
    double[] truth = Streams.oracle(tokens, queries).outputs();
    SoftmaxSum sums = Streams.sums(sketch, queries);
    double[] errors = new double[queries.count()];
    for (int q = 0; q < errors.length; q++) {
      double square = 0;
      for (int c = 0; c < DV; c++) {
        square += Math.pow(sums.output(q, c) - truth[q * DV + c], 2);
      }
      errors[q] = Math.sqrt(square);
    }
    return errors;
  }

  private static double median(double[] x) {
    double[] sorted = x.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  @Test
  void anchorsBeatClustersOfEqualBytes() {
    TokenBlock tokens = tokens(random, 5000);
    QueryBlock queries = block(queries(random, TEST_QUERIES));
    AttentionSketch clusters =
        ClusterFamily.INSTANCE.begin(config(D, BYTES), new TokenBlock(D, DV, 0), AnchorSets.NONE);
    double[] ofClusters = errors(fold(clusters, tokens), tokens, queries);
    for (AnchoredFamily family :
        new AnchoredFamily[] {AnchoredFamily.HYBRID, AnchoredFamily.ANCHORS}) {
      double[] ofAnchors = errors(folded(family, SET, tokens), tokens, queries);
      assertThat(median(ofAnchors)).isLessThan(0.06).isLessThan(median(ofClusters) / 1.5);
    }
  }

  @Test
  void exactAtTheAnchors() {
    TokenBlock tokens = tokens(random, 5000);
    HybridSketch sketch = folded(AnchoredFamily.ANCHORS, SET, tokens);
    assertThat(sketch.parts().rows().count()).isEqualTo(64);
    assertThat(sketch.anchorsVersion()).isEqualTo(3);
    QueryBlock anchors = block(SET.anchors());
    assertThat(Arrays.stream(errors(sketch, tokens, anchors)).max().orElseThrow()).isLessThan(2e-3);
  }

  @Test
  void logNormalizersAreNearTheTruth() {
    TokenBlock tokens = tokens(random, 5000);
    QueryBlock queries = block(queries(random, TEST_QUERIES));
    ExactAttention.Result truth = Streams.oracle(tokens, queries);
    for (double share : new double[] {0, 0.5}) {
      AnchorSet set = TestSets.withClusterShare(SET, share);
      HybridSketch sketch = folded(AnchoredFamily.HYBRID, set, tokens);
      assertThat(sketch.parts().hasClusters()).isEqualTo(share > 0);
      SoftmaxSum sums = Streams.sums(sketch, queries);
      for (int q = 0; q < TEST_QUERIES; q++) {
        assertThat(sums.logNormalizer(q)).isCloseTo(truth.logNormalizers()[q], within(0.15));
      }
    }
  }

  private static double[] stated(AttentionSketch sketch, QueryBlock queries) {
    SoftmaxSum sums = Streams.sums(sketch, queries);
    double[] stated = new double[queries.count()];
    for (int q = 0; q < stated.length; q++) {
      assertThat(sums.isEstimated(q)).isTrue();
      stated[q] = sums.error(q);
    }
    return stated;
  }

  /** Returns the share of the answers that lie within their stated errors, over several streams. */
  private double coverage(double shift, double scale) {
    int streams = 5;
    int covered = 0;
    for (int stream = 0; stream < streams; stream++) {
      TokenBlock tokens = tokens(random, 2000);
      float[] vectors = queries(random, TEST_QUERIES);
      for (int q = 0; q < TEST_QUERIES; q++) {
        vectors[q * D] += (float) shift;
      }
      QueryBlock queries = new QueryBlock(vectors, TEST_QUERIES, D, scale);
      HybridSketch sketch = folded(AnchoredFamily.HYBRID, SET, tokens);
      double[] errors = errors(sketch, tokens, queries);
      double[] stated = stated(sketch, queries);
      for (int q = 0; q < TEST_QUERIES; q++) {
        covered += errors[q] <= stated[q] ? 1 : 0;
      }
    }
    return (double) covered / (streams * TEST_QUERIES);
  }

  @Test
  void nineOfTenAnswersLieWithinTheStatedError() {
    assertThat(coverage(0, 1)).isBetween(0.8, 0.99);
  }

  @Test
  void nineOfTenLogNormalizersLieWithinTheirStatedError() {
    int covered = 0;
    int asked = 0;
    for (double share : new double[] {0, 0.5}) {
      AnchorSet set = TestSets.withClusterShare(SET, share);
      for (int stream = 0; stream < 5; stream++) {
        TokenBlock tokens = tokens(random, 2000);
        QueryBlock queries = block(queries(random, TEST_QUERIES));
        ExactAttention.Result truth = Streams.oracle(tokens, queries);
        SoftmaxSum sums = Streams.sums(folded(AnchoredFamily.HYBRID, set, tokens), queries);
        for (int q = 0; q < TEST_QUERIES; q++, asked++) {
          double off = Math.abs(sums.logNormalizer(q) - truth.logNormalizers()[q]);
          covered += off <= sums.logNormalizerError(q) ? 1 : 0;
        }
      }
    }
    assertThat((double) covered / asked).isBetween(0.8, 0.99);
  }

  /** Anchors lie within 2 of the origin; errors grow up to fourteen-fold here. */
  @Test
  void awayFromTheAnchorsNoFewerAnswersDo() {
    for (double shift : new double[] {1, 2, 3}) {
      assertThat(coverage(shift, 1)).isGreaterThan(0.8);
    }
    for (double scale : new double[] {2, 3}) {
      assertThat(coverage(0, scale)).isGreaterThan(0.8);
    }
  }

  @Test
  void theStatedErrorGrowsWithTheDistanceFromAnchors() {
    TokenBlock tokens = tokens(random, 2000);
    HybridSketch sketch = folded(AnchoredFamily.HYBRID, SET, tokens);
    float[] near = queries(random, TEST_QUERIES);
    double before = median(stated(sketch, block(near)));
    double twice = median(stated(sketch, new QueryBlock(near, TEST_QUERIES, D, 2)));
    float[] elsewhere = near.clone();
    for (int q = 0; q < TEST_QUERIES; q++) {
      elsewhere[q * D] += 4;
    }
    double other = median(stated(sketch, block(elsewhere)));
    assertThat(twice).isGreaterThan(1.5 * before);
    assertThat(other).isGreaterThan(1.5 * before);
  }

  @Test
  void answersFarFromTheAnchorsAreInTheRangeOfTheValues() {
    TokenBlock tokens = tokens(random, 500);
    for (double share : new double[] {0, 0.5}) {
      HybridSketch sketch =
          folded(AnchoredFamily.HYBRID, TestSets.withClusterShare(SET, share), tokens);
      for (double scale : new double[] {10, 1e3, 1e15, 1e30, -1e30}) {
        QueryBlock far = new QueryBlock(queries(random, 20), 20, D, scale);
        SoftmaxSum sums = Streams.sums(sketch, far);
        for (int q = 0; q < 20; q++) {
          assertThat(sums.logNormalizer(q)).isFinite();
          assertThat(sums.error(q)).isGreaterThanOrEqualTo(0).isFinite();
          for (int c = 0; c < DV; c++) {
            double y = sums.output(q, c);
            assertThat((double) sketch.valueRange().clamp(c, y)).isCloseTo(y, within(1e-6));
          }
        }
      }
    }
  }

  @Test
  void equalTokensMakeEqualBytes() {
    TokenBlock tokens = tokens(random, 500);
    for (double share : new double[] {0, 0.5}) {
      AnchorSet set = TestSets.withClusterShare(SET, share);
      byte[] bytes = folded(AnchoredFamily.HYBRID, set, tokens).toByteArray();
      AnchorSet other = AnchorSet.fromByteArray(set.toByteArray());
      assertThat(folded(AnchoredFamily.HYBRID, other, tokens).toByteArray()).isEqualTo(bytes);
    }
  }

  @Test
  void clustersAnswerForAHeadWithoutASetOfItsDimension() {
    TokenBlock tokens = tokens(random, 500);
    QueryBlock queries = block(queries(random, 10));
    AttentionSketch clusters =
        ClusterFamily.INSTANCE.begin(
            config(D, BYTES - Division.overhead(DV)), new TokenBlock(D, DV, 0), AnchorSets.NONE);
    double[] expected = Streams.outputs(Streams.sums(fold(clusters, tokens), queries), DV);
    for (AnchoredFamily family :
        new AnchoredFamily[] {AnchoredFamily.HYBRID, AnchoredFamily.ANCHORS}) {
      for (AnchorSets anchors :
          new AnchorSets[] {AnchorSets.NONE, AnchorSets.of(TestSets.inABall(D + 1))}) {
        AttentionSketch sketch = fold(begin(family, anchors), tokens);
        assertThat(sketch.anchorsVersion()).isZero();
        SoftmaxSum sums = Streams.sums(sketch, queries);
        assertThat(Streams.outputs(sums, DV)).isEqualTo(expected);
        assertThat(sums.isEstimated(0)).as("clusters state errors").isTrue();
        assertThatThrownBy(() -> sketch.update(Streams.retractions(tokens.slice(0, 1))))
            .isInstanceOf(UnsupportedOperationException.class);
      }
    }
  }

  @Test
  void foldedTokensAreTakenBackIfThereAreOnlyAnchors() {
    Optional<AnchorSet> half = Optional.of(TestSets.withClusterShare(SET, 0.5));
    SketchConfig config = config(D, BYTES);
    assertThat(AnchoredFamily.HYBRID.canRetract(config, Optional.empty())).isFalse();
    assertThat(AnchoredFamily.HYBRID.canRetract(config, Optional.of(SET))).isTrue();
    assertThat(AnchoredFamily.HYBRID.canRetract(config, half)).isFalse();
    assertThat(AnchoredFamily.ANCHORS.canRetract(config, Optional.empty())).isFalse();
    assertThat(AnchoredFamily.ANCHORS.canRetract(config, half)).isTrue();
    // Clusters get what all anchors leave.
    SketchConfig ample = config(D, 2 * BYTES);
    assertThat(AnchoredFamily.HYBRID.canRetract(ample, Optional.of(SET))).isFalse();
    assertThat(AnchoredFamily.ANCHORS.canRetract(ample, Optional.of(SET))).isTrue();
    TokenBlock tokens = tokens(random, 500);
    TokenBlock retraction = Streams.retractions(tokens.slice(0, 1));
    HybridSketch withClusters = folded(AnchoredFamily.HYBRID, half.orElseThrow(), tokens);
    assertThatThrownBy(() -> withClusters.update(retraction))
        .isInstanceOf(UnsupportedOperationException.class);
    HybridSketch alone = folded(AnchoredFamily.ANCHORS, half.orElseThrow(), tokens);
    alone.update(retraction);
    assertThat(alone.tokenCount()).isEqualTo(499);
  }

  /** Retractions come in one block with tokens, or in separate blocks. */
  @Test
  void retractionsLeaveTheRest() {
    TokenBlock kept = tokens(random, 1000);
    TokenBlock gone = tokens(random, 300);
    QueryBlock queries = block(queries(random, TEST_QUERIES));
    HybridSketch sketch =
        folded(AnchoredFamily.HYBRID, SET, Streams.concat(kept.slice(0, 900), gone));
    sketch.update(Streams.concat(Streams.retractions(gone), kept.slice(900, 1000)));
    assertThat(sketch.tokenCount()).isEqualTo(1000);
    HybridSketch never = folded(AnchoredFamily.HYBRID, SET, kept);
    // The two may have chosen different kernels.
    assertThat(median(errors(sketch, kept, queries)))
        .isLessThan(1.5 * median(errors(never, kept, queries)));
  }

  @Test
  void ifOnlyRoundingIsLeftTheErrorIsOneAlsoAfterReading() {
    TokenBlock tokens = tokens(random, 50);
    HybridSketch sketch = folded(AnchoredFamily.ANCHORS, SET, tokens);
    // A token whose logits are larger by 30.
    float[] key = new float[D];
    for (int i = 0; i < D; i++) {
      key[i] = 20 * Math.signum(SET.anchors()[i]);
    }
    TokenBlock large = TokenBlock.of(D, DV, 1, key, new float[] {1, 1, 1, 1});
    sketch.update(large);
    sketch.update(Streams.retractions(large));
    QueryBlock queries = block(queries(random, 5));
    AttentionSketch read = SketchFamilies.heapify(sketch.toByteArray(), AnchorSets.of(SET));
    for (AttentionSketch lost : new AttentionSketch[] {sketch, read}) {
      SoftmaxSum sums = Streams.sums(lost, queries);
      for (int q = 0; q < 5; q++) {
        assertThat(sums.isLost(q)).isTrue();
        assertThat(sums.output(q, 0)).isFinite();
      }
    }
  }

  @Test
  void onlySketchesOfTheSameKindAreMerged() {
    HybridSketch sketch = folded(AnchoredFamily.HYBRID, SET, tokens(random, 100));
    AttentionSketch[] others = {
      begin(AnchoredFamily.ANCHORS, AnchorSets.of(SET)),
      begin(AnchoredFamily.HYBRID, AnchorSets.NONE),
      begin(AnchoredFamily.HYBRID, AnchorSets.of(SET.withVersion(4))),
      begin(AnchoredFamily.HYBRID, AnchorSets.of(TestSets.withClusterShare(SET, 0.5))),
      AnchoredFamily.HYBRID.begin(config(D, 700), new TokenBlock(D, DV, 0), AnchorSets.of(SET)),
      ClusterFamily.INSTANCE.begin(config(D, BYTES), new TokenBlock(D, DV, 0), AnchorSets.NONE)
    };
    byte[] bytes = sketch.toByteArray();
    for (AttentionSketch other : others) {
      assertThatThrownBy(() -> sketch.merge(other)).isInstanceOf(IncompatibleSketchException.class);
    }
    assertThat(sketch.toByteArray()).isEqualTo(bytes);
  }

  @Test
  void aSketchIsNotReadWithoutItsSet() {
    byte[] bytes = folded(AnchoredFamily.HYBRID, SET, tokens(random, 100)).toByteArray();
    AnchorSet fewer = AnchorSetMaker.make(3, D, queries(random, 100), keys(random, 100), 20, 7);
    for (AnchorSets anchors :
        new AnchorSets[] {
          AnchorSets.NONE,
          AnchorSets.of(SET.withVersion(4)),
          AnchorSets.of(fewer),
          AnchorSets.of(TestSets.inABall(D + 1).withVersion(3))
        }) {
      assertThatThrownBy(() -> SketchFamilies.heapify(bytes, anchors))
          .isInstanceOf(CorruptSketchException.class)
          .hasMessage("the sketch has 64 rows at anchors of version 3, which is not available");
    }
  }

  /** Nested hybrids would take memory for each level. */
  @Test
  void theClustersOfASketchMustBeAClusterSketch() {
    byte[] inner = begin(AnchoredFamily.HYBRID, AnchorSets.NONE).toByteArray();
    byte[] outer = Arrays.copyOf(inner, Division.overhead(DV) + inner.length);
    System.arraycopy(inner, 0, outer, Division.overhead(DV), inner.length);
    ByteBuffer.wrap(outer).order(ByteOrder.LITTLE_ENDIAN).putInt(28, inner.length);
    assertThatThrownBy(() -> SketchFamilies.heapify(outer, AnchorSets.NONE))
        .isInstanceOf(CorruptSketchException.class)
        .hasMessage("clusters: expected a sketch of family 6, got family 4");
  }

  @Test
  void anEmptySketchAddsNothing() {
    for (AnchorSets anchors : new AnchorSets[] {AnchorSets.NONE, AnchorSets.of(SET)}) {
      SoftmaxSum sums =
          Streams.sums(begin(AnchoredFamily.HYBRID, anchors), block(queries(random, 2)));
      assertThat(sums.logNormalizer(0)).isEqualTo(Double.NEGATIVE_INFINITY);
    }
  }

  @Test
  void theDescriptionSaysWhatAConfigurationHolds() {
    assertThat(AnchoredFamily.HYBRID.describe(config(D, BYTES)))
        .startsWith(
            "hybrid: up to 71 anchors once the head has an anchor set; until then, cluster: ");
    assertThat(AnchoredFamily.ANCHORS.describe(config(D, BYTES))).startsWith("anchors: up to 71 ");
  }
}
