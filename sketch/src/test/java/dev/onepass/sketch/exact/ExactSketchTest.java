// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.exact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFullException;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.registry.Streams;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Checks the exact family against the reference, and the reference against answers computed by
 * hand.
 */
class ExactSketchTest {

  /** The error that invariant 5 allows, in units of rms|v|. */
  private static final double EXACT = 1e-5;

  private final Random random = new Random(21);

  private static AttentionSketch sketchOf(TokenBlock block) {
    AttentionSketch sketch =
        ExactFamily.INSTANCE.begin(
            new SketchConfig(block.keyDim(), block.valueDim(), 1 << 22, 0, Map.of()),
            block,
            AnchorSets.NONE);
    sketch.update(block);
    return sketch;
  }

  private static void assertExact(TokenBlock block, QueryBlock queries) {
    SoftmaxSum sums = Streams.sums(sketchOf(block), queries);
    ExactAttention.Result truth = Streams.oracle(block, queries);
    assertThat(
            Streams.distance(
                Streams.outputs(sums, block.valueDim()), truth.outputs(), block.valueDim()))
        .isLessThanOrEqualTo(EXACT * Streams.rmsValue(block));
    for (int q = 0; q < queries.count(); q++) {
      double expected = truth.logNormalizers()[q];
      // Two double sums of the same logits in any order.
      assertThat(sums.logNormalizer(q))
          .isCloseTo(expected, within(1e-12 * Math.max(1, Math.abs(expected))));
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "2,3,2", "100,16,8", "1000,64,64", "3000,3,1"})
  void agreesWithTheOracle(int n, int d, int dv) {
    for (double norm : new double[] {0, 0.1, 1, 10, 1000}) {
      assertExact(
          Streams.gaussian(random, n, d, dv, 1),
          Streams.queries(random, 8, d, norm, 1 / Math.sqrt(d)));
    }
  }

  @Test
  void logitsOfTenToTheThirtyPickTheLargest() {
    // With powers of two, the logits 2^100 (1.3e30) and its neighbour are exact in double
    // precision.
    float[] keys = {0x1p50f, Math.nextDown(0x1p50f), -0x1p50f};
    TokenBlock block = TokenBlock.of(1, 1, 3, keys, new float[] {1, 2, 3});
    QueryBlock queries = new QueryBlock(new float[] {0x1p50f, -0x1p50f, 0}, 3, 1, 1);
    assertExact(block, queries);
    assertThat(Streams.outputs(Streams.sums(sketchOf(block), queries), 1)).containsExactly(1, 3, 2);
    assertThat(Streams.oracle(block, queries).outputs()).containsExactly(1, 3, 2);
  }

  @Test
  void logitsOfAnySizeAgreeWithTheOracle() {
    for (double size : new double[] {1e3, 1e10, 1e15, 1e38}) {
      TokenBlock block = Streams.gaussian(random, 200, 8, 4, Math.min(size, 5e37));
      assertExact(block, Streams.queries(random, 16, 8, size, 1));
    }
  }

  @Test
  void aHugeCommonOffsetOfAllKeysChangesNothing() {
    TokenBlock near = new TokenBlock(2, 2, 300);
    TokenBlock far = new TokenBlock(2, 2, 300);
    for (int j = 0; j < 300; j++) {
      // Multiples of 1/16 below 4 keep their exact differences at 2^17.
      float[] key = {random.nextInt(64) / 16f, random.nextInt(64) / 16f};
      float[] value = Streams.vector(random, 2, 1);
      near.append(key, value, 1);
      far.append(new float[] {key[0] + 0x1p17f, key[1] - 0x1p17f}, value, 1);
    }
    QueryBlock queries = Streams.queries(random, 10, 2, 3, 1);
    assertExact(far, queries);
    // Logits of 4e5 have a rounding error of 6e-11 each.
    assertThat(
            Streams.distance(
                Streams.outputs(Streams.sums(sketchOf(near), queries), 2),
                Streams.outputs(Streams.sums(sketchOf(far), queries), 2),
                2))
        .isLessThan(1e-9);
  }

  @Test
  void tiesShareTheirWeightAndDuplicatesCountTwice() {
    float[] keys = {1, 1, 1, 0};
    TokenBlock block = TokenBlock.of(1, 1, 4, keys, new float[] {6, 6, 3, 100});
    QueryBlock queries = new QueryBlock(new float[] {0, 1e4f}, 2, 1, 1);
    SoftmaxSum sums = Streams.sums(sketchOf(block), queries);
    assertThat(sums.output(0, 0)).isCloseTo(115 / 4.0, within(1e-12));
    assertThat(sums.output(1, 0)).isCloseTo(5, within(1e-12));
    assertThat(sums.logNormalizer(0)).isCloseTo(Math.log(4), within(1e-12));
    assertThat(sums.logNormalizer(1)).isCloseTo(1e4 + Math.log(3), within(1e-8));
    assertExact(block, queries);
  }

  @Test
  void oneTokenIsItsOwnAnswer() {
    TokenBlock block = TokenBlock.of(2, 2, 1, new float[] {1e38f, -7}, new float[] {0.25f, -4});
    SoftmaxSum sums = Streams.sums(sketchOf(block), Streams.queries(random, 5, 2, 1e38, 1));
    for (int q = 0; q < 5; q++) {
      assertThat(sums.output(q, 0)).isEqualTo(0.25);
      assertThat(sums.output(q, 1)).isEqualTo(-4);
    }
  }

  @Test
  void twoTokensByHand() {
    // The weights are 3 : 1, because the logits differ by ln 3.
    TokenBlock block =
        TokenBlock.of(1, 1, 2, new float[] {(float) Math.log(3), 0}, new float[] {8, 4});
    QueryBlock query = new QueryBlock(new float[] {2}, 1, 1, 0.5);
    // The float next to ln 3 differs from it by less than 6e-8.
    assertThat(Streams.oracle(block, query).outputs()[0]).isCloseTo(7, within(1e-6));
    assertThat(Streams.oracle(block, query).logNormalizers()[0])
        .isCloseTo(Math.log(4), within(1e-6));
    assertExact(block, query);
  }

  @Test
  void aBlockThatDoesNotFitIsRefusedWhole() {
    // With weights, 36 bytes in front, and 13 for each token.
    AttentionSketch sketch =
        ExactFamily.INSTANCE.begin(
            new SketchConfig(1, 1, 36 + 3 * 13 + 12, 0, Map.of()),
            new TokenBlock(1, 1, 0),
            AnchorSets.NONE);
    sketch.update(Streams.gaussian(random, 2, 1, 1, 1));
    byte[] before = sketch.toByteArray();
    assertThatThrownBy(() -> sketch.update(Streams.gaussian(random, 2, 1, 1, 1)))
        .isInstanceOf(SketchFullException.class);
    assertThat(sketch.toByteArray()).isEqualTo(before);
    sketch.update(Streams.gaussian(random, 1, 1, 1, 1));
    AttentionSketch again = SketchFamilies.heapify(sketch.toByteArray(), AnchorSets.NONE);
    assertThatThrownBy(() -> again.update(Streams.gaussian(random, 1, 1, 1, 1)))
        .isInstanceOf(SketchFullException.class);
  }

  @Test
  void aConfigurationWithoutRoomForOneTokenIsRefused() {
    assertThat(ExactFamily.INSTANCE.complaint(new SketchConfig(4, 4, 72, 0, Map.of())))
        .contains("one token of dimensions 4, 4 takes 73 bytes, more than the 72 available");
    assertThat(ExactFamily.INSTANCE.complaint(new SketchConfig(4, 4, 73, 0, Map.of()))).isEmpty();
  }
}
