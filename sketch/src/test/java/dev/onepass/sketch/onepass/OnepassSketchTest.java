// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.polynomial.PolynomialFamily;
import dev.onepass.sketch.registry.Streams;
import dev.onepass.sketch.sequence.Decay;
import dev.onepass.sketch.sequence.HeadSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OnepassSketchTest {

  private final Random random = new Random(21);

  private static SketchConfig config(Form form, int bytes, long firstRow) {
    Map<String, String> parameters = new HashMap<>();
    parameters.put(OnepassFamily.FORM, form.label());
    parameters.put(OnepassFamily.FIRST_ROW, Long.toString(firstRow));
    return new SketchConfig(3, 2, bytes, 4, parameters);
  }

  private static OnepassSketch folded(SketchConfig config, TokenBlock known, TokenBlock block) {
    OnepassSketch sketch =
        (OnepassSketch) OnepassFamily.INSTANCE.begin(config, known, AnchorSets.NONE);
    sketch.update(block);
    return sketch;
  }

  /**
   * With U2'V itself, answers, normalizers and shares beyond the bound are those of polynomials.
   */
  @ParameterizedTest
  @EnumSource(Form.class)
  void answersArePolynomialAndPsiAddsNoiseToTheNumeratorOnly(Form form) {
    TokenBlock block = Streams.gaussian(random, 500, 3, 2, 1);
    SketchConfig config = config(form, 1 << 20, 0);
    OnepassSketch sketch = folded(config, block, block);
    var polynomial = PolynomialFamily.INSTANCE.begin(config, block, AnchorSets.NONE);
    polynomial.update(block);
    assertThat(sketch.keys().basis().degree()).isEqualTo(6);
    assertThat(sketch.form().label()).isEqualTo(form.label());
    QueryBlock queries = Streams.queries(random, 20, 3, 0.9, 1);
    SoftmaxSum sums = Streams.sums(sketch, queries);
    SoftmaxSum expected = Streams.sums(polynomial, queries);
    double worst = 0;
    for (int q = 0; q < 20; q++) {
      worst = Math.max(worst, Math.abs(sums.output(q, 0) - expected.output(q, 0)));
      assertThat(Math.abs(sums.logNormalizer(q) - expected.logNormalizer(q))).isLessThan(1e-6);
      assertThat(Math.abs(sums.beyondBound(q) - expected.beyondBound(q))).isLessThan(1e-3);
      assertThat(expected.beyondBound(q)).isPositive();
    }
    if (form == Form.PAPER) {
      // |U2 w| |V| / (sqrt(m2) D) is about e^(0.9^2 / 2) / sqrt(m2); five times that is allowed.
      int m2 = ((PsiSums) sketch.sums()).m2();
      assertThat(worst).isBetween(1e-6, 5 * 1.5 / Math.sqrt(m2));
    } else if (form == Form.DIRECTIONS) {
      // There are as many columns as values have numbers, so only rounding is left.
      assertThat(worst).isLessThan(1e-6);
    } else {
      assertThat(worst).isZero();
    }
  }

  /**
   * Weights multiply phi(k) alone, so that sk(K)' sk(V) is right on average. The noise of one seed
   * is about |U2 w| |V| / (sqrt(m2) D), 0.1 here; the mean of 200 is within five deviations of it.
   */
  @Test
  void thePaperFormIsRightOnAverageForWeightedTokens() {
    TokenBlock block = Streams.biased(random, Streams.ball(random, 200, 3, 2, 1), 2);
    QueryBlock query = Streams.queries(random, 1, 3, 0.5, 1);
    double expected =
        Streams.sums(folded(config(Form.MOMENTS, 1 << 17, 0), block, block), query).output(0, 0);
    int seeds = 200;
    double mean = 0;
    double squares = 0;
    for (int seed = 0; seed < seeds; seed++) {
      SketchConfig config =
          new SketchConfig(3, 2, 1 << 15, seed, config(Form.PAPER, 0, 0).parameters());
      OnepassSketch sketch = folded(config, block, block.slice(0, 100));
      OnepassSketch rest =
          folded(
              new SketchConfig(3, 2, 1 << 15, seed, config(Form.PAPER, 0, 500).parameters()),
              block,
              block.slice(100, 200).withExponent(-4));
      sketch.merge(rest);
      double error = Streams.sums(sketch, query).output(0, 0) - expected;
      mean += error / seeds;
      squares += error * error / seeds;
    }
    assertThat(squares).isPositive();
    assertThat(Math.abs(mean)).isLessThan(5 * Math.sqrt(squares / seeds));
    assertThat(Math.sqrt(squares)).isLessThan(0.3);
  }

  @Test
  void onlyThePaperFormRefusesToDecay() {
    for (Form form : Form.values()) {
      Map<String, String> parameters = Map.of(OnepassFamily.FORM, form.label());
      HeadSpec head = new HeadSpec("h", 3, 2, 1, 1 << 16, 0, OnepassFamily.INSTANCE, 0, parameters);
      assertThat(head.complaint()).isEmpty();
      Optional<String> complaint = head.withDecay(Decay.byTokens(100)).complaint();
      if (form == Form.PAPER) {
        assertThat(complaint)
            .get()
            .asString()
            .startsWith("form paper cannot decay: ")
            .endsWith("set onepass.form to moments or outputs");
      } else {
        assertThat(complaint).isEmpty();
      }
    }
  }

  @Test
  void partsThatShareRowsOfPsiAreNotMerged() {
    TokenBlock block = Streams.gaussian(random, 100, 3, 2, 1);
    OnepassSketch first = folded(config(Form.PAPER, 1 << 17, 0), block, block);
    OnepassSketch overlapping = folded(config(Form.PAPER, 1 << 17, 99), block, block);
    OnepassSketch next = folded(config(Form.PAPER, 1 << 17, 100), block, block);
    byte[] before = first.toByteArray();
    assertThatThrownBy(() -> first.merge(overlapping))
        .isInstanceOf(IncompatibleSketchException.class)
        .hasMessageContaining(OnepassFamily.FIRST_ROW);
    assertThat(first.toByteArray()).as("nothing was merged").isEqualTo(before);
    first.merge(next);
    assertThat(first.tokenCount()).isEqualTo(200);
    // Tokens that follow take rows that are still free.
    first.update(block);
    RowRanges rows = ((PsiSums) first.sums()).rows();
    assertThat(rows.rows()).isEqualTo(300);
    assertThat(rows.end()).isEqualTo(300);
  }

  @Test
  void incompatibleSketchesAreNotMerged() {
    TokenBlock block = Streams.gaussian(random, 100, 3, 2, 1);
    OnepassSketch sketch = folded(config(Form.PAPER, 1 << 17, 0), block, block);
    SketchConfig far = config(Form.PAPER, 1 << 17, 1000);
    SketchConfig otherSeed = new SketchConfig(3, 2, far.maxBytes(), 5, far.parameters());
    TokenBlock other = Streams.gaussian(random, 100, 3, 2, 1);
    for (OnepassSketch wrong :
        new OnepassSketch[] {
          folded(config(Form.MOMENTS, 1 << 17, 0), block, block),
          folded(config(Form.PAPER, 1 << 18, 1000), block, block),
          folded(otherSeed, block, block),
          folded(far, other, block)
        }) {
      byte[] before = sketch.toByteArray();
      assertThatThrownBy(() -> sketch.merge(wrong)).isInstanceOf(IncompatibleSketchException.class);
      assertThat(sketch.toByteArray()).isEqualTo(before);
    }
    folded(config(Form.PAPER, 1 << 17, 1000), block, block).merge(sketch);
  }
}
