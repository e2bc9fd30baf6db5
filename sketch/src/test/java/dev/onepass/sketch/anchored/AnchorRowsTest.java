// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchored;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.TestSets;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.numerics.SplitMix64;
import dev.onepass.sketch.registry.Streams;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnchorRowsTest {

  private static final int D = 3;
  private static final int DV = 4;
  private static final AnchorSet SET = TestSets.inABall(D);

  /** The largest change of a number by one rounding, relative to the row's largest number. */
  private static final double UNIT = 0x1p-14;

  /** The exponent of a row is a byte, so numbers are no finer than this. */
  private static final double LEAST_UNIT = 0x1p-128;

  private final Random random = new Random(5);

  /** Normal keys, and values around 1, so that the largest number of every row is about 1. */
  private TokenBlock tokens(int n) {
    TokenBlock tokens = Streams.gaussian(random, n, D, DV, 1);
    for (int i = 0; i < n * DV; i++) {
      tokens.values()[i] += 1;
    }
    return tokens;
  }

  private static AnchorRows folded(TokenBlock tokens, int count, int cut) {
    AnchorRows rows = new AnchorRows(DV, count);
    for (int from = 0; from < tokens.count(); from += cut) {
      TokenBlock block = tokens.slice(from, Math.min(tokens.count(), from + cut));
      rows.fold(SET, block, 0, SplitMix64.mix(from));
    }
    return rows;
  }

  private static void assertAttention(
      AnchorRows rows, TokenBlock tokens, double tolerance, double logTolerance) {
    QueryBlock anchors = new QueryBlock(SET.anchors(), rows.count(), D, 1);
    ExactAttention.Result truth = Streams.oracle(tokens, anchors);
    double[] output = new double[DV];
    for (int r = 0; r < rows.count(); r++) {
      rows.output(r, output, 0);
      double[] row = Arrays.copyOfRange(truth.outputs(), r * DV, (r + 1) * DV);
      double largest = Arrays.stream(row).map(Math::abs).max().orElseThrow();
      assertThat(output).containsExactly(row, within(tolerance * largest));
      assertThat((double) rows.logDen(r))
          .isCloseTo(truth.logNormalizers()[r], within(logTolerance));
    }
  }

  private static void assertSameRows(AnchorRows actual, AnchorRows expected, double tolerance) {
    double[] output = new double[DV];
    double[] other = new double[DV];
    for (int r = 0; r < expected.count(); r++) {
      actual.output(r, output, 0);
      expected.output(r, other, 0);
      double largest = Arrays.stream(other).map(Math::abs).max().orElseThrow();
      assertThat(output).containsExactly(other, within(tolerance * largest));
      assertThat(actual.logDen(r)).isCloseTo(expected.logDen(r), within((float) tolerance));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 500})
  void rowsAreAttentionOverAllTokens(int n) {
    TokenBlock tokens = tokens(n);
    assertAttention(folded(tokens, SET.count(), n), tokens, UNIT + 1e-6, 1e-5);
  }

  /** The drift is about sqrt(N / 3) units of 2^-15; every number stays within four times that. */
  @ParameterizedTest
  @CsvSource({"1000, 48, 1e-4", "100000, 16, 1e-3"})
  void manyFoldsDriftLittle(int folds, int anchors, double logTolerance) {
    TokenBlock tokens = tokens(folds);
    double drift = Math.sqrt(folds / 3.0) * 0x1p-15;
    assertThat(drift).isLessThan(folds == 1000 ? 0.001 : 0.01);
    assertAttention(folded(tokens, anchors, 1), tokens, 4 * drift, logTolerance);
  }

  @Test
  void mergingIsFoldingToOneRoundingEach() {
    TokenBlock a = tokens(300);
    TokenBlock b = tokens(200);
    AnchorRows whole = folded(Streams.concat(a, b), SET.count(), 500);
    AnchorRows merged = folded(a, SET.count(), 300);
    merged.merge(folded(b, SET.count(), 200), 0, 0, 9);
    assertSameRows(merged, whole, 4 * UNIT);
    AnchorRows nothing = new AnchorRows(DV, SET.count());
    merged.merge(nothing, 0, 0, 10);
    nothing.merge(merged, 0, 0, 11);
    assertSameRows(nothing, whole, 5 * UNIT);
  }

  /** Relative to the mass that was there: keys and anchors leave at most e^4 between tokens. */
  @Test
  void takingBackRestoresRowsToRounding() {
    TokenBlock kept = tokens(400);
    TokenBlock gone = tokens(200);
    AnchorRows rows = folded(Streams.concat(kept, gone), SET.count(), 600);
    assertThat(rows.fold(SET, Streams.retractions(gone), 0, 3)).isFalse();
    assertSameRows(rows, folded(kept, SET.count(), 400), 4 * UNIT * 600 / 400);
  }

  @Test
  void rowsThatLoseNearlyAllMassAreLost() {
    TokenBlock tokens = tokens(1);
    AnchorRows rows = folded(tokens, SET.count(), 1);
    assertThat(rows.fold(SET, Streams.retractions(tokens), 0, 3)).isTrue();
    for (int r = 0; r < rows.count(); r++) {
      assertThat(rows.logDen(r)).isEqualTo(Float.NEGATIVE_INFINITY);
    }
    rows.fold(SET, tokens, 0, 4);
    assertSameRows(rows, folded(tokens, SET.count(), 1), 2 * UNIT);
  }

  @Test
  void numbersOfAnySizeStayFinite() {
    for (float size : new float[] {Float.MIN_VALUE, 1e-38f, (float) 1e18, 1e30f, Float.MAX_VALUE}) {
      TokenBlock tokens = tokens(50);
      for (int i = 0; i < 50 * D; i++) {
        tokens.keys()[i] = Math.copySign(size, tokens.keys()[i]);
      }
      for (int i = 0; i < 50 * DV; i++) {
        tokens.values()[i] = Math.copySign(size, tokens.values()[i]);
      }
      AnchorRows rows = folded(tokens, SET.count(), 10);
      double[] output = new double[DV];
      for (int r = 0; r < rows.count(); r++) {
        rows.output(r, output, 0);
        for (double y : output) {
          assertThat(Math.abs(y)).isLessThanOrEqualTo(1.001 * size + LEAST_UNIT);
        }
        assertThat(rows.logDen(r)).isFinite();
      }
    }
  }

  @Test
  void aWeightIsAMultiplicity() {
    TokenBlock tokens = tokens(200);
    int[] times = random.ints(200, 1, 6).toArray();
    TokenBlock weighted = tokens.weighted(0, j -> Math.log(times[j]));
    AnchorRows rows = folded(weighted, SET.count(), 40);
    assertSameRows(rows, folded(Streams.repeated(tokens, times), SET.count(), 100), 12 * UNIT);
    rows.fold(SET, Streams.retractions(weighted.slice(100, 200)), 0, 77);
    int[] first = Arrays.copyOf(times, 100);
    TokenBlock kept = Streams.repeated(tokens.slice(0, 100), first);
    assertSameRows(rows, folded(kept, SET.count(), 100), 32 * UNIT);
  }

  /**
   * Each fold halves weights, or every eighth does. What a fold rounds fades with its tokens, so
   * that many folds err like those of a few half-lives.
   */
  @ParameterizedTest
  @ValueSource(doubles = {1, 8, 700})
  void decayOverManyFoldsDoesNotDrift(double halfLife) {
    TokenBlock tokens = tokens(10_000);
    AnchorRows rows = new AnchorRows(DV, 16);
    long exponent = 0;
    for (int j = 0; j < 10_000; j++) {
      TokenBlock token = Streams.decayed(tokens, j, j + 1, halfLife);
      rows.fold(SET, token, token.exponent() - exponent, SplitMix64.mix(j));
      exponent = token.exponent();
    }
    TokenBlock all = Streams.decayed(tokens, halfLife);
    QueryBlock anchors =
        new QueryBlock(SET.anchors(), rows.count(), D, 1).withExponent(all.exponent());
    ExactAttention.Result truth = Streams.oracle(all, anchors);
    double drift = 4 * Math.sqrt(Math.min(10_000, 3 * halfLife) + 1) * 0x1p-15;
    double[] output = new double[DV];
    for (int r = 0; r < rows.count(); r++) {
      rows.output(r, output, 0);
      double[] row = Arrays.copyOfRange(truth.outputs(), r * DV, (r + 1) * DV);
      double largest = Arrays.stream(row).map(Math::abs).max().orElseThrow();
      assertThat(output).containsExactly(row, within(drift * largest));
      assertThat((double) rows.logDen(r)).isCloseTo(truth.logNormalizers()[r], within(2e-5));
    }
  }

  @Test
  void mergingHalvesWhatIsOlder() {
    TokenBlock old = tokens(100);
    TokenBlock young = tokens(100);
    TokenBlock whole = Streams.concat(old.weighted(0, j -> -3 * Math.log(2)), young);
    AnchorRows expected = folded(whole, SET.count(), 200);
    AnchorRows merged = folded(young, SET.count(), 100);
    merged.merge(folded(old, SET.count(), 100), 0, 3, 5);
    assertSameRows(merged, expected, 4 * UNIT);
    merged = folded(old, SET.count(), 100);
    merged.merge(folded(young, SET.count(), 100), 3, 0, 5);
    assertSameRows(merged, expected, 4 * UNIT);
    merged.merge(new AnchorRows(DV, SET.count()), 7, 0, 6);
    assertThat(merged.logDen(3)).isCloseTo(expected.logDen(3) - 7 * 0.693147f, within(1e-4f));
  }

  @Test
  void rowsStayFiniteOverThousandsOfHalfLives() {
    AnchorRows rows = folded(tokens(100), SET.count(), 100);
    TokenBlock more = tokens(10);
    for (long halvings : new long[] {3000, 1L << 40, Long.MAX_VALUE / 2, 0}) {
      rows.fold(SET, more, halvings, halvings);
      double[] output = new double[DV];
      rows.output(0, output, 0);
      assertThat(Arrays.stream(output).allMatch(Double::isFinite)).isTrue();
    }
    AnchorRows twice = folded(Streams.concat(more, more), SET.count(), 10);
    assertSameRows(rows, twice, 4 * UNIT);
    assertThat(rows.fold(SET, Streams.retractions(more), 2000, 1)).isTrue();
    assertThat(rows.logDen(0)).isEqualTo(Float.NEGATIVE_INFINITY);
  }

  private static byte[] bytes(AnchorRows rows) {
    WireWriter out = new WireWriter(rows.count() * AnchorSet.rowBytes(DV));
    rows.write(out);
    return out.toByteArray();
  }

  @Test
  void bytesGoToEqualRowsAndBack() {
    byte[] bytes = bytes(folded(tokens(100), 20, 10));
    assertThat(bytes).hasSize(20 * (4 + 1 + 2 * DV));
    AnchorRows read = AnchorRows.read(new WireReader(bytes), DV, 20);
    assertThat(bytes(read)).isEqualTo(bytes);
    TokenBlock more = tokens(10);
    AnchorRows again = AnchorRows.read(new WireReader(bytes), DV, 20);
    read.fold(SET, more, 0, 1);
    again.fold(SET, more, 0, 1);
    assertThat(bytes(read)).isEqualTo(bytes(again));
  }

  @Test
  void tooFewBytesAndInfiniteMassAreRefused() {
    byte[] bytes = bytes(folded(tokens(100), 20, 10));
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> AnchorRows.read(new WireReader(cut), DV, 20))
          .isInstanceOf(CorruptSketchException.class);
    }
    byte[] infinite = bytes.clone();
    infinite[2] = (byte) 0x80;
    infinite[3] = 0x7f;
    infinite[0] = infinite[1] = 0;
    assertThatThrownBy(() -> AnchorRows.read(new WireReader(infinite), DV, 20))
        .hasMessage("ln den of an anchor: expected a number or negative infinity, got infinity");
    infinite[0] = 1;
    assertThatThrownBy(() -> AnchorRows.read(new WireReader(infinite), DV, 20))
        .isInstanceOf(CorruptSketchException.class);
  }

  /** Any bytes of the right length are usable rows, or are refused. */
  @Test
  void anyBytesAreRefusedOrWork() {
    TokenBlock more = tokens(10);
    for (int trial = 0; trial < 300; trial++) {
      byte[] bytes = bytes(folded(tokens(3), 20, 10));
      for (int i = random.nextInt(20); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      AnchorRows rows;
      try {
        rows = AnchorRows.read(new WireReader(bytes), DV, 20);
      } catch (CorruptSketchException e) {
        continue;
      }
      rows.fold(SET, more, 0, trial);
      double[] output = new double[DV];
      for (int r = 0; r < 20; r++) {
        rows.output(r, output, 0);
        assertThat(Arrays.stream(output).allMatch(Double::isFinite)).isTrue();
        assertThat(rows.logDen(r)).isFinite();
      }
    }
  }
}
