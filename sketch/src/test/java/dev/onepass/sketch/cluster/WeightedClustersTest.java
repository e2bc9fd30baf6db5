// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.registry.Streams;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clusters of tokens with biases and decay. */
class WeightedClustersTest {

  private static final int D = 8;
  private static final int DV = 8;

  /** The bytes of fewer clusters than tests have keys. */
  private static final int FEW = 6000;

  /** The bytes of more clusters than tests have keys. */
  private static final int MANY = 200_000;

  private final Random random = new Random(17);
  private final QueryBlock queries = Streams.queries(random, 100, D, 1.5, 1);

  private static ClusterSketch begin(int bytes) {
    return (ClusterSketch)
        ClusterFamily.INSTANCE.begin(
            new SketchConfig(D, DV, bytes, 0, Map.of()), new TokenBlock(D, DV, 0), AnchorSets.NONE);
  }

  private static ClusterSketch folded(int bytes, TokenBlock tokens) {
    ClusterSketch sketch = begin(bytes);
    for (int from = 0; from < tokens.count(); from += 50) {
      sketch.update(tokens.slice(from, Math.min(tokens.count(), from + 50)));
    }
    return sketch;
  }

  private static ClusterSketch decayed(int bytes, TokenBlock tokens, double halfLife) {
    ClusterSketch sketch = begin(bytes);
    for (int from = 0; from < tokens.count(); from += 50) {
      sketch.update(Streams.decayed(tokens, from, from + 50, halfLife));
      assertThat(sketch.stateBytes()).isLessThanOrEqualTo(bytes);
    }
    return sketch;
  }

  /** Normal keys, and values that depend on them. */
  private TokenBlock tokens(int n) {
    TokenBlock tokens = Streams.gaussian(random, n, D, DV, 1);
    for (int j = 0; j < n; j++) {
      for (int c = 0; c < DV; c++) {
        tokens.values()[j * DV + c] += 2 * tokens.keys()[j * D + c];
      }
    }
    return tokens;
  }

  private double relF(ClusterSketch sketch, TokenBlock tokens) {
    return Streams.relF(sketch, tokens, queries);
  }

  private void assertExact(ClusterSketch sketch, TokenBlock tokens, double tolerance) {
    ExactAttention.Result truth = Streams.oracle(tokens, queries);
    SoftmaxSum sums = Streams.sums(sketch, queries);
    assertThat(Streams.outputs(sums, DV)).containsExactly(truth.outputs(), within(tolerance));
    for (int q = 0; q < queries.count(); q++) {
      assertThat(sums.logNormalizer(q)).isCloseTo(truth.logNormalizers()[q], within(tolerance));
    }
  }

  private void assertFinite(ClusterSketch sketch) {
    SoftmaxSum sums = Streams.sums(sketch, queries);
    for (int q = 0; q < queries.count(); q++) {
      assertThat(sums.logNormalizer(q)).isFinite();
      for (int c = 0; c < DV; c++) {
        assertThat(sums.output(q, c)).isFinite();
      }
    }
    byte[] bytes = sketch.toByteArray();
    assertThat(bytes).hasSize(sketch.stateBytes());
    assertThat(read(bytes).toByteArray()).isEqualTo(bytes);
  }

  private static ClusterSketch read(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    ClusterSketch sketch = ClusterSketch.read(Preamble.read(in), in);
    in.expectEnd();
    return sketch;
  }

  @Test
  void weightsAreExactWhileThereIsRoom() {
    TokenBlock tokens = tokens(400);
    int[] times = random.ints(400, 1, 6).toArray();
    TokenBlock weighted = tokens.weighted(0, j -> Math.log(times[j]));
    ClusterSketch sketch = folded(MANY, weighted);
    assertThat(sketch.clusters.count).isEqualTo(400);
    assertThat(sketch.tokenCount()).isEqualTo(400);
    assertExact(sketch, weighted, 5e-4);
    ClusterSketch repeated = folded(MANY, Streams.repeated(tokens, times));
    double[] outputs = Streams.outputs(Streams.sums(repeated, queries), DV);
    assertThat(Streams.outputs(Streams.sums(sketch, queries), DV))
        .containsExactly(outputs, within(2e-4));
    TokenBlock decaying = Streams.normallyBiased(random, tokens, 2);
    assertExact(decayed(MANY, decaying, 37), Streams.decayed(decaying, 37), 2e-3);
  }

  @Test
  void fewClustersAnswerWeightsLikeMultiplicities() {
    TokenBlock tokens = tokens(3000);
    int[] times = random.ints(3000, 1, 6).toArray();
    TokenBlock weighted = tokens.weighted(0, j -> Math.log(times[j]));
    double error = relF(folded(FEW, weighted), weighted);
    assertThat(error)
        .isLessThan(1.25 * relF(folded(FEW, Streams.repeated(tokens, times)), weighted));
  }

  /** The error of a stream without decay of 1.44 half-lives, and a quarter of it. */
  @ParameterizedTest
  @ValueSource(ints = {500, 2000, 8000})
  void decayCostsLittle(int halfLife) {
    TokenBlock tokens = tokens(12_000);
    double error = relF(decayed(FEW, tokens, halfLife), Streams.decayed(tokens, halfLife));
    TokenBlock recent = tokens.slice(12_000 - (int) (1.44 * halfLife), 12_000);
    assertThat(error).isLessThan(1.25 * relF(folded(FEW, recent), recent));
  }

  @Test
  void nothingDependsOnTheExponent() {
    TokenBlock tokens = Streams.normallyBiased(random, tokens(2000), 1);
    ClusterSketch sketch = folded(FEW, tokens);
    ClusterSketch late = folded(FEW, tokens.weighted(1L << 40, j -> tokens.biases()[j]));
    byte[] bytes = late.toByteArray();
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(Preamble.BYTES, sketch.exponent().value());
    assertThat(bytes).isEqualTo(sketch.toByteArray());
    assertThat(late.exponent().value()).isEqualTo((1L << 40) + sketch.exponent().value());
    // The largest bias is rounded differently, and so is every mean.
    TokenBlock heavy = tokens.weighted(0, j -> tokens.biases()[j] + 40);
    assertThat(relF(folded(FEW, heavy), heavy)).isCloseTo(relF(sketch, tokens), within(0.02));
  }

  @Test
  void aHeavyTokenReachesNowhere() {
    TokenBlock tokens = tokens(1000);
    TokenBlock weighted = tokens.weighted(0, j -> j == 500 ? 40 : 0);
    ClusterSketch sketch = folded(FEW, weighted);
    assertExact(sketch, weighted, 1e-3);
    Clusters clusters = sketch.clusters;
    for (int a = 0; a < clusters.count; a++) {
      assertThat(clusters.number(a)).isBetween(1.0, 1000.0);
    }
  }

  @Test
  void mergingIsFoldingWhileThereIsRoom() {
    TokenBlock tokens = tokens(600);
    ClusterSketch old = begin(MANY);
    ClusterSketch young = begin(MANY);
    for (int from = 0; from < 600; from += 50) {
      (from < 300 ? old : young).update(Streams.decayed(tokens, from, from + 50, 40));
    }
    TokenBlock all = Streams.decayed(tokens, 40);
    ClusterSketch merged = read(young.toByteArray());
    merged.merge(old);
    assertThat(merged.tokenCount()).isEqualTo(600);
    assertExact(merged, all, 2e-3);
    old.merge(young);
    assertThat(old.exponent()).isEqualTo(merged.exponent());
    assertExact(old, all, 2e-3);
    ClusterSketch empty = begin(MANY);
    empty.merge(merged);
    assertExact(empty, all, 2e-3);
    merged.merge(begin(MANY));
    assertExact(merged, all, 2e-3);
  }

  @Test
  void tokensOfWeight1MayComeFirst() {
    TokenBlock plain = tokens(500);
    TokenBlock biased = Streams.normallyBiased(random, tokens(500), 1);
    ClusterSketch sketch = folded(FEW, plain);
    int capacity = sketch.sizes.capacity();
    assertThat(sketch.toByteArray()[2]).isEqualTo((byte) 1);
    sketch.update(biased);
    assertThat(sketch.toByteArray()[2]).isEqualTo((byte) 2);
    assertThat(sketch.stateBytes()).isLessThanOrEqualTo(FEW);
    assertThat(sketch.sizes.capacity()).isBetween(capacity * 9 / 10, capacity);
    TokenBlock all = Streams.concat(plain, biased);
    assertThat(relF(sketch, all)).isLessThan(1.2 * relF(folded(FEW, plain), plain));
    ClusterSketch other = folded(FEW, plain);
    other.merge(folded(FEW, biased));
    assertThat(other.tokenCount()).isEqualTo(1000);
    assertThat(relF(other, all)).isLessThan(1.2 * relF(folded(FEW, plain), plain));
  }

  @ParameterizedTest
  @ValueSource(ints = {FEW, MANY})
  void anyWeightsGiveFiniteAnswers(int bytes) {
    ClusterSketch sketch = begin(bytes);
    TokenBlock tokens = tokens(200);
    long exponent = 0;
    for (int fold = 0; fold < 40; fold++) {
      float size = fold % 3 == 0 ? 80 : 1;
      exponent += fold % 5 == 4 ? random.nextInt(5000) : random.nextInt(100);
      sketch.update(
          tokens
              .slice(0, 1 + random.nextInt(200))
              .weighted(exponent, j -> random.nextBoolean() ? size : -size));
      assertFinite(sketch);
    }
    sketch.update(tokens.weighted(exponent - 4000, j -> 0));
    assertFinite(sketch);
    ClusterSketch older = folded(bytes, tokens);
    older.merge(sketch);
    assertFinite(older);
    sketch.merge(folded(bytes, tokens));
    assertFinite(sketch);
  }

  @Test
  void clustersWithoutMassGo() {
    ClusterSketch sketch = folded(MANY, tokens(300));
    TokenBlock tokens = tokens(20).weighted(3000, j -> 0);
    sketch.update(tokens);
    assertThat(sketch.clusters.count).isEqualTo(20);
    assertThat(sketch.tokenCount()).isEqualTo(320);
    assertExact(sketch, tokens, 2e-3);
  }

  @Test
  void hostileBytesAreRefusedOrWork() {
    byte[] bytes = decayed(FEW, tokens(500), 100).toByteArray();
    for (int length = 0; length < bytes.length; length += 7) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> read(cut)).isInstanceOf(CorruptSketchException.class);
    }
    TokenBlock more = Streams.normallyBiased(random, tokens(20), 1);
    for (int trial = 0; trial < 2000; trial++) {
      byte[] forged = bytes.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        int at = random.nextBoolean() ? random.nextInt(100) : random.nextInt(bytes.length);
        forged[at] = (byte) random.nextInt(256);
      }
      ClusterSketch sketch;
      try {
        sketch = read(forged);
      } catch (CorruptSketchException e) {
        continue;
      }
      if (sketch.keyDim() == D && sketch.valueDim() == DV && sketch.tokenCount() > 0) {
        sketch.update(more);
        assertFinite(sketch);
      }
    }
  }
}
