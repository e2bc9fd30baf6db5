// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.codirections.SparseRows;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.polynomial.FeatureDegree;
import dev.onepass.sketch.polynomial.KeyFeatures;
import dev.onepass.sketch.polynomial.MonomialBasis;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.registry.Streams;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DirectionSumsTest {

  private static final int D = 40;
  private static final int DV = 48;

  /** Room for degree 2 and about half as many columns as values have numbers. */
  private static final int BYTES = 160_000;

  private static SketchConfig config(int bytes) {
    return new SketchConfig(
        D,
        DV,
        bytes,
        7,
        Map.of(
            OnepassFamily.FORM,
            "directions",
            OnepassFamily.RECOVER_K,
            "0",
            FeatureDegree.LOGIT_BOUND,
            "0.3"));
  }

  /** Keys with few coordinates other than 0; values are a function of the key, and some noise. */
  private static TokenBlock sparse(Random random, int n, int nonzeros) {
    float[][] directions = new float[6][];
    Random fixed = new Random(99);
    Arrays.setAll(directions, i -> Streams.vector(fixed, DV, 1));
    TokenBlock block = new TokenBlock(D, DV, n);
    for (int j = 0; j < n; j++) {
      float[] key = new float[D];
      for (int i = 0; i < nonzeros; i++) {
        key[random.nextInt(D)] = (float) (random.nextGaussian() / Math.sqrt(nonzeros));
      }
      float[] value = Streams.vector(random, DV, 0.05);
      for (int i = 0; i < directions.length; i++) {
        for (int c = 0; c < DV; c++) {
          value[c] += (1 + key[i]) * directions[i][c];
        }
      }
      block.append(key, value, 1);
    }
    return block;
  }

  private static OnepassSketch folded(int bytes, TokenBlock known, TokenBlock... blocks) {
    OnepassSketch sketch =
        (OnepassSketch) OnepassFamily.INSTANCE.begin(config(bytes), known, AnchorSets.NONE);
    for (TokenBlock block : blocks) {
      for (int from = 0; from < block.count(); from += 64) {
        sketch.update(block.slice(from, Math.min(block.count(), from + 64)));
      }
    }
    return sketch;
  }

  @ParameterizedTest
  @CsvSource({"5,2,2", "5,6,5", "30,2,4", "30,4,3", "3,8,0"})
  void featuresOfSparseKeysAreThoseOfTheBasis(int d, int degree, int nonzeros) {
    Random random = new Random(d + degree);
    MonomialBasis basis = MonomialBasis.of(d, degree);
    KeyMonomials monomials = new KeyMonomials(basis);
    for (int trial = 0; trial < 20; trial++) {
      float[] key = new float[d];
      for (int i = 0; i < nonzeros; i++) {
        key[random.nextInt(d)] = (float) random.nextGaussian();
      }
      SparseRows rows = new SparseRows(d);
      rows.add(key, 0);
      double[] sum = new double[basis.size()];
      int count = monomials.expand(rows, 0);
      for (int f = 0; f < count; f++) {
        sum[monomials.index(f)] += monomials.value(f);
      }
      double[] x = new double[d];
      Arrays.setAll(x, i -> key[i]);
      double[] expected = new double[basis.size()];
      basis.evaluate(x, expected);
      assertThat(sum).containsExactly(expected, within(1e-12));
      double[] query = new double[basis.size()];
      double[] q = random.doubles(d, -1, 1).toArray();
      basis.evaluate(q, query);
      double dot = 0;
      double squares = 0;
      for (int i = 0; i < sum.length; i++) {
        dot += query[i] * sum[i];
        squares += sum[i] * sum[i];
      }
      assertThat(monomials.dot(query, rows, 0)).isCloseTo(dot, within(1e-6 * (1 + Math.abs(dot))));
      assertThat(monomials.norm(rows, 0)).isCloseTo(Math.sqrt(squares), within(1e-6 * squares));
    }
  }

  @Test
  void rarelyUsedCoordinatesKeepTheCentre0() {
    TokenBlock known = new TokenBlock(3, 1, 3);
    known.append(new float[] {1, 0, 6}, new float[1], 1);
    known.append(new float[] {1, 4, 0}, new float[1], 1);
    known.append(new float[] {4, 0, 3}, new float[1], 1);
    KeyFeatures keys = KeyFeatures.beginSparse(new FeatureDegree(2, 2, 1, 0.01), known);
    SparseRows row = new SparseRows(3);
    keys.foldRows(known.slice(1, 2), (key, weight, value) -> row.add(key, 0));
    // k - c = (1 - 2, 4 - 0, 0 - 3), divided by a power of two.
    assertThat(row.value(1) / row.value(0)).isEqualTo(-4);
    assertThat(row.value(2) / row.value(0)).isEqualTo(3);
  }

  /** The bound on the product always holds, so stated errors hold for all answers. Seeds 1 to 3. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void everyStatedErrorHolds(int seed) {
    Random random = new Random(seed);
    TokenBlock block = sparse(random, 3000, 4);
    OnepassSketch sketch = folded(BYTES, block.slice(0, 500), block);
    assertThat(sketch.stateBytes()).isLessThanOrEqualTo(BYTES);
    assertThat(sketch.sums().productError()).as("directions were dropped").isPositive();
    QueryBlock queries = Streams.queries(random, 50, D, 0.05, 1);
    SoftmaxSum sums = Streams.sums(sketch, queries);
    ExactAttention.Result exact =
        ExactAttention.attention(
            queries.vectors(), 50, block.keys(), block.values(), 3000, D, DV, queries.scale());
    for (int q = 0; q < 50; q++) {
      assertThat(sums.isEstimated(q)).isTrue();
      double squares = 0;
      for (int c = 0; c < DV; c++) {
        double difference = sums.output(q, c) - exact.outputs()[q * DV + c];
        squares += difference * difference;
      }
      assertThat(Math.sqrt(squares)).isLessThanOrEqualTo(sums.error(q) + 1e-5);
      assertThat(sums.error(q)).isLessThan(sketch.valueRange().radius());
      assertThat(Math.abs(sums.logNormalizer(q) - exact.logNormalizers()[q]))
          .isLessThanOrEqualTo(sums.logNormalizerError(q) + 1e-6);
    }
  }

  /** A query with logits beyond the bound gets no stated error, because nothing is promised. */
  @Test
  void noErrorIsStatedBeyondTheBound() {
    Random random = new Random(4);
    TokenBlock block = sparse(random, 500, 4);
    OnepassSketch sketch = folded(BYTES, block, block);
    QueryBlock queries = Streams.queries(random, 5, D, 5, 1);
    SoftmaxSum sums = Streams.sums(sketch, queries);
    for (int q = 0; q < 5; q++) {
      assertThat(sums.beyondBound(q)).isPositive();
      assertThat(sums.isEstimated(q)).isFalse();
    }
  }

  /** Merged and retracted products are within their bounds of the exact ones. Seed 5. */
  @Test
  void mergesAndRetractionsStayWithinTheBound() {
    Random random = new Random(5);
    TokenBlock first = sparse(random, 1500, 4);
    TokenBlock second = sparse(random, 1500, 4);
    OnepassSketch merged = folded(BYTES, first.slice(0, 500), first);
    merged.merge(folded(BYTES, first.slice(0, 500), second));
    assertWithinBound(merged, Streams.concat(first, second));
    OnepassSketch retracted =
        folded(BYTES, first.slice(0, 500), first, second, Streams.retractions(second));
    assertThat(retracted.tokenCount()).isEqualTo(1500);
    assertWithinBound(retracted, first);
  }

  /** Compares the product with that of a sketch that has room for as many columns as values. */
  private static void assertWithinBound(OnepassSketch sketch, TokenBlock tokens) {
    OnepassSketch exact = folded(1 << 20, tokens.slice(0, 500), tokens);
    assertThat(exact.sums().productError()).isZero();
    assertThat(exact.keys().basis().degree()).isEqualTo(sketch.keys().basis().degree());
    double squares = 0;
    double largest = 0;
    double[] kept = new double[sketch.keys().basis().size()];
    double[] whole = new double[kept.length];
    for (int c = 0; c < DV; c++) {
      sketch.sums().product(c, kept);
      exact.sums().product(c, whole);
      double column = 0;
      for (int r = 0; r < kept.length; r++) {
        column += (kept[r] - whole[r]) * (kept[r] - whole[r]);
      }
      squares += column;
      largest = Math.max(largest, Math.sqrt(column));
    }
    // A column is at most the spectral norm, and all columns at most sqrt(rank) of it.
    double bound = sketch.sums().productError();
    assertThat(bound).isPositive();
    assertThat(largest).isPositive().isLessThanOrEqualTo(bound + 1e-2);
    assertThat(Math.sqrt(squares)).isLessThanOrEqualTo(Math.sqrt(DV) * bound + 1e-2);
  }

  /**
   * With room for all columns, weights and exponents give what the whole product gives. Exponents
   * rise by 40 and then fall back, as with decay and late tokens. Seed 8.
   */
  @Test
  void weightsAndExponentsAreThoseOfTheWholeProduct() {
    Random random = new Random(8);
    TokenBlock known = sparse(random, 400, 4);
    OnepassSketch directions = folded(1 << 20, known);
    Map<String, String> outputs = new HashMap<>(config(1 << 20).parameters());
    outputs.put(OnepassFamily.FORM, "outputs");
    SketchConfig whole = new SketchConfig(D, DV, 1 << 20, 7, outputs);
    AttentionSketch expected = OnepassFamily.INSTANCE.begin(whole, known, AnchorSets.NONE);
    QueryBlock queries = Streams.queries(random, 20, D, 0.05, 1);
    for (long exponent : new long[] {0, 40, 38}) {
      TokenBlock block = sparse(random, 700, 4).weighted(exponent, j -> (j % 7 - 3) * 0.8);
      directions.update(block);
      expected.update(block);
      assertThat(directions.keys().exponent().value())
          .isEqualTo(((OnepassSketch) expected).keys().exponent().value());
      SoftmaxSum sums = Streams.sums(directions, queries.withExponent(exponent));
      SoftmaxSum truth = Streams.sums(expected, queries.withExponent(exponent));
      for (int q = 0; q < 20; q++) {
        assertThat(sums.logNormalizer(q)).isCloseTo(truth.logNormalizer(q), within(1e-3));
        for (int c = 0; c < DV; c++) {
          assertThat(sums.output(q, c)).isCloseTo(truth.output(q, c), within(1e-3));
        }
      }
    }
  }

  /** Bytes depend on the tokens and their blocks, not on when the sketch was written. */
  @Test
  void bytesDependOnBlocksOnly() {
    Random random = new Random(6);
    TokenBlock block = sparse(random, 1000, 6);
    OnepassSketch kept = folded(BYTES, block, block);
    OnepassSketch read = folded(BYTES, block);
    for (int from = 0; from < 1000; from += 64) {
      read.update(block.slice(from, Math.min(1000, from + 64)));
      read = (OnepassSketch) SketchFamilies.heapify(read.toByteArray(), AnchorSets.NONE);
    }
    assertThat(read.toByteArray()).isEqualTo(kept.toByteArray());
  }

  @Test
  void theDescriptionNamesColumnsAndBound() {
    assertThat(OnepassFamily.INSTANCE.describe(config(BYTES)))
        .startsWith("onepass (directions): degree 2, 861 features")
        .contains("columns with a buffer of")
        .contains("which drop at most")
        .contains("sum |phi(k)||v| of the product");
    assertThat(OnepassFamily.INSTANCE.describe(config(1 << 20)))
        .contains("co-occurring directions of 48 columns")
        .contains("which drop nothing");
  }
}
