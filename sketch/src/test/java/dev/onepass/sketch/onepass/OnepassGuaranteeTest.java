// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.QuerySketch;
import dev.onepass.sketch.api.Recovery;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.UnfitConfigException;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.registry.Streams;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Checks the promise of the paper, from tokens and queries to T, in all three forms. */
class OnepassGuaranteeTest {

  private static final int K = 16;

  private static SketchConfig config(Planted planted, Form form, int m2, long seed)
      throws UnfitConfigException {
    Map<String, String> parameters = new HashMap<>();
    parameters.put(OnepassFamily.FORM, form.label());
    parameters.put("onepass.logit-bound", "3.5");
    parameters.put("onepass.recover-k", Integer.toString(K));
    parameters.put("onepass.eps1", "0.5");
    parameters.put("onepass.queries", Integer.toString(planted.n));
    SketchConfig roomy =
        new SketchConfig(planted.queries.dim(), planted.valueDim, 1 << 28, seed, parameters);
    if (m2 == 0) {
      return roomy;
    }
    Sizes sizes = Sizes.of(roomy);
    int bytes =
        sizes.queryBytes()
            + (int)
                OnepassSketch.bytes(
                    form, roomy.keyDim(), roomy.valueDim(), sizes.degree().degree(), m2, 0);
    // Everything requested fits, and Psi gets the rest.
    parameters.put("onepass.degrade", "false");
    return new SketchConfig(roomy.keyDim(), roomy.valueDim(), bytes, seed, parameters);
  }

  /** Folds, queries and recovers; both sides are converted to bytes and back on the way. */
  private static Recovery recover(Planted planted, SketchConfig config, double[] answers) {
    AttentionSketch tokens =
        OnepassFamily.INSTANCE.begin(config, planted.tokens.slice(0, 512), AnchorSets.NONE);
    tokens.update(planted.tokens);
    QuerySketch queries = OnepassFamily.INSTANCE.querySide(config).orElseThrow().begin();
    tokens = SketchFamilies.heapify(tokens.toByteArray(), AnchorSets.NONE);
    assertThat(tokens.stateBytes() + queries.stateBytes()).isLessThanOrEqualTo(config.maxBytes());
    SoftmaxSum sums = Streams.sums(tokens, planted.queries);
    float[][] outputs = new float[planted.n][planted.valueDim];
    for (int i = 0; i < planted.n; i++) {
      for (int c = 0; c < planted.valueDim; c++) {
        outputs[i][c] = tokens.valueRange().clamp(c, sums.output(i, c));
        answers[i * planted.valueDim + c] = sums.output(i, c);
      }
    }
    int half = planted.n / 2;
    int d = planted.queries.dim();
    float[] late = Arrays.copyOfRange(planted.queries.vectors(), half * d, planted.n * d);
    queries.add(
        0,
        new QueryBlock(planted.queries.vectors(), half, d, 1),
        Arrays.copyOfRange(outputs, 0, half),
        tokens);
    queries = SketchFamilies.heapifyQueries(queries.toByteArray());
    queries.add(
        half,
        new QueryBlock(late, planted.n - half, d, 1),
        Arrays.copyOfRange(outputs, half, planted.n),
        tokens);
    return queries.recover(tokens, K);
  }

  private static double error(double[] y, Recovery.Column t) {
    double[] rest = y.clone();
    for (int i = 0; i < t.rows().length; i++) {
      rest[(int) t.rows()[i]] -= t.values()[i];
    }
    return Planted.norm(rest);
  }

  /**
   * Returns sqrt(2 sum_i |U2 w_i|^2 / D_ii^2 / (m2 delta)): the factor of |V_i| in the error of the
   * product through Psi, with the true weights of the queries instead of e^{2B}; see Guarantee.m2.
   */
  private static double eps2(Planted planted, int m2) {
    double squares = 0;
    for (int i = 0; i < planted.n; i += 16) {
      double sum = 0;
      double sumOfSquares = 0;
      for (int j = 0; j < planted.n; j++) {
        double dot = 0;
        for (int l = 0; l < planted.queries.dim(); l++) {
          dot +=
              planted.queries.vectors()[i * planted.queries.dim() + l]
                  * planted.tokens.keys()[j * planted.queries.dim() + l];
        }
        sum += Math.exp(dot);
        sumOfSquares += Math.exp(2 * dot);
      }
      squares += 16 * sumOfSquares / (sum * sum);
    }
    return Math.sqrt(2 * squares / (m2 * 0.01));
  }

  /**
   * With U2'V itself, T is compared with the answers of the features, which are what Phi sees: (1 +
   * eps1) of their tail is allowed, and 1e-4 for floats. These answers are within the tolerance of
   * the truth.
   */
  @ParameterizedTest
  @EnumSource(
      value = Form.class,
      names = {"MOMENTS", "OUTPUTS"})
  void exactMomentsLeaveTheTailOnly(Form form) throws UnfitConfigException {
    for (int seed = 0; seed < 2; seed++) {
      Planted planted = new Planted(new Random(seed), 4096, 2, K, 5, 0.05);
      double[] answers = new double[planted.n * planted.valueDim];
      Recovery recovery = recover(planted, config(planted, form, 0, seed), answers);
      assertThat(recovery.rows()).isEqualTo(planted.n);
      for (int c = 0; c < planted.valueDim; c++) {
        int column = c;
        double[] given = new double[planted.n];
        Arrays.setAll(given, i -> answers[i * planted.valueDim + column]);
        Recovery.Column t = recovery.columns().get(c);
        double norm = Planted.norm(given);
        assertThat(error(given, t)).isLessThan(1.5 * Planted.tail(given, K) + 1e-4 * norm);
        double[] y = planted.column(c);
        assertThat(error(y, t)).isLessThan(1.5 * Planted.tail(y, K) + 0.03 * Planted.norm(y));
        assertThat(t.tail()).isCloseTo(error(given, t) / norm, within(0.15 * t.tail()));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"64", "512", "4096"})
  void psiAddsAnErrorOfEps2OfTheValues(int m2) throws UnfitConfigException {
    for (int seed = 0; seed < 2; seed++) {
      Planted planted = new Planted(new Random(seed), 4096, 2, K, 5, 0.05);
      double[] answers = new double[planted.n * planted.valueDim];
      Recovery recovery = recover(planted, config(planted, Form.PAPER, m2, seed), answers);
      double eps2 = eps2(planted, m2);
      for (int c = 0; c < planted.valueDim; c++) {
        double[] y = planted.column(c);
        Recovery.Column t = recovery.columns().get(c);
        double allowed =
            1.5 * Planted.tail(y, K) + 0.03 * Planted.norm(y) + eps2 * planted.valueNorm(c);
        assertThat(error(y, t)).isLessThan(allowed);
      }
    }
  }

  /**
   * E (x' Psi'Psi v - x'v)^2 <= 2 |x|^2 |v|^2 / m2, for every query, over seeds. The mean over 200
   * seeds must be within 1.3 of that, and at least a third of it, so that it is this noise that is
   * measured.
   */
  @ParameterizedTest
  @CsvSource({"64", "256"})
  void thePsiProductIsUnbiasedWithTheVarianceStated(int m2) {
    Random random = new Random(3);
    int n = 300;
    TokenBlock tokens = Streams.ball(random, n, 2, 1, 1);
    int seeds = 200;
    double[] x = {0.7, -0.2, 0.4, 0.1, 0.3, -0.6};
    KeyCase exact = new KeyCase(tokens, x);
    double sum = 0;
    double squares = 0;
    for (int seed = 0; seed < seeds; seed++) {
      PsiSums sums = new PsiSums(seed, m2, 6, 1, 0);
      sums.fold(exact.features, tokens.values(), n, 1);
      double[] num = new double[1];
      sums.numerator(1).addTo(x, num);
      double[] many = new double[1];
      sums.numerator(2).addTo(x, many);
      assertThat(many[0]).isCloseTo(num[0], within(1e-9));
      sum += num[0] - exact.truth;
      squares += (num[0] - exact.truth) * (num[0] - exact.truth);
    }
    double variance = 2 * exact.left * exact.right / m2;
    assertThat(sum / seeds).isCloseTo(0, within(5 * Math.sqrt(variance / seeds)));
    assertThat(squares / seeds).isBetween(variance / 3, 1.3 * variance);
  }

  /** Features of keys, and the product with x without Psi. */
  private static final class KeyCase {
    final float[] features;
    double truth;
    double left;
    double right;

    KeyCase(TokenBlock tokens, double[] x) {
      var basis = dev.onepass.sketch.polynomial.MonomialBasis.of(2, 2);
      features = new float[tokens.count() * basis.size()];
      for (int j = 0; j < tokens.count(); j++) {
        float[] key = {tokens.keys()[2 * j], tokens.keys()[2 * j + 1]};
        basis.evaluate(key, 1, features, j * basis.size());
        double weight = 0;
        for (int r = 0; r < x.length; r++) {
          weight += x[r] * features[j * basis.size() + r];
        }
        truth += weight * tokens.values()[j];
        left += weight * weight;
        right += (double) tokens.values()[j] * tokens.values()[j];
      }
    }
  }

  /**
   * Shows why parts that share rows must not be merged: if both use the rows 0 .. n - 1, the sum of
   * the two sketches contains u_1 v_2' + u_2 v_1' for any seed. Here every token is the same, so
   * the sums are twice what they should be.
   */
  @Test
  void sharedRowsWouldBeABiasThatNoSizeAveragesOut() {
    int n = 64;
    float[] features = new float[n];
    float[] values = new float[n];
    Arrays.fill(features, 1);
    Arrays.fill(values, 1);
    double shared = 0;
    double apart = 0;
    int seeds = 300;
    for (int seed = 0; seed < seeds; seed++) {
      PsiSums twice = new PsiSums(seed, 512, 1, 1, 0);
      float[] double1 = new float[n];
      Arrays.fill(double1, 2);
      // Adds the sketches of two parts on the same rows.
      twice.fold(double1, double1, n, 1);
      shared += product(twice) / seeds;
      PsiSums left = new PsiSums(seed, 512, 1, 1, 0);
      left.fold(features, values, n, 1);
      PsiSums right = new PsiSums(seed, 512, 1, 1, 1000);
      right.fold(features, values, n, 1);
      left.merge(right, 0, 1);
      apart += product(left) / seeds;
    }
    assertThat(apart).isCloseTo(2 * n, within(4.0));
    assertThat(shared).isGreaterThan(3.5 * n);
  }

  private static double product(PsiSums sums) {
    double[] column = new double[1];
    sums.product(0, column);
    return column[0];
  }

  /**
   * In paper form, after a retraction the expectation is right and the noise of two rows remains.
   */
  @Test
  void aRetractionThroughPsiIsRightOnAverage() {
    Random random = new Random(8);
    TokenBlock tokens = Streams.ball(random, 200, 2, 1, 1);
    TokenBlock gone = tokens.slice(0, 100);
    KeyCase all = new KeyCase(tokens, new double[] {1, 0.2, 0.1, 0, 0, 0});
    KeyCase half = new KeyCase(gone, new double[] {1, 0.2, 0.1, 0, 0, 0});
    float[] negative = half.features.clone();
    for (int i = 0; i < negative.length; i++) {
      negative[i] = -negative[i];
    }
    double sum = 0;
    int seeds = 300;
    for (int seed = 0; seed < seeds; seed++) {
      PsiSums sums = new PsiSums(seed, 128, 6, 1, 0);
      sums.fold(all.features, tokens.values(), 200, 1);
      sums.fold(negative, gone.values(), 100, 2);
      assertThat(sums.s()[0]).isEqualTo(100);
      double[] num = new double[1];
      sums.numerator(1).addTo(new double[] {1, 0.2, 0.1, 0, 0, 0}, num);
      sum += num[0];
    }
    double deviation =
        Math.sqrt(2 * (all.left + half.left) * (all.right + half.right) / 128 / seeds);
    assertThat(sum / seeds).isCloseTo(all.truth - half.truth, within(5 * deviation));
  }
}
