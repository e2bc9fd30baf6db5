// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.blocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SoftmaxSumTest {

  @Test
  void partsWithAnyMaximaCombine() {
    SoftmaxSum sum = new SoftmaxSum(1, 1);
    sum.add(0, 5, 2, 2, new double[] {2 * 10});
    sum.add(0, 5 + Math.log(2), 3, 3, new double[] {3 * 20});
    // Weights 2 and 2 * 3 relative to e^5.
    assertThat(sum.output(0, 0)).isCloseTo((2 * 10 + 6 * 20) / 8.0, within(1e-12));
    assertThat(sum.logNormalizer(0)).isCloseTo(5 + Math.log(8), within(1e-12));
    assertThat(sum.isLost(0)).isFalse();
  }

  @Test
  void aPartFarBelowTheOthersLeavesNoTraceInEitherOrder() {
    for (double other : new double[] {-1e30, -Double.MAX_VALUE, Double.NEGATIVE_INFINITY}) {
      SoftmaxSum sum = new SoftmaxSum(2, 1);
      sum.add(0, other, 1, 1, new double[] {99});
      sum.add(0, 1e30, 1, 1, new double[] {7});
      sum.add(1, 1e30, 1, 1, new double[] {7});
      sum.add(1, other, 1, 1, new double[] {99});
      for (int q = 0; q < 2; q++) {
        assertThat(sum.output(q, 0)).isEqualTo(7);
        assertThat(sum.logNormalizer(q)).isEqualTo(1e30);
      }
    }
  }

  @Test
  void addingASumEqualsAddingItsParts() {
    SoftmaxSum left = new SoftmaxSum(2, 2);
    SoftmaxSum right = new SoftmaxSum(2, 2);
    SoftmaxSum whole = new SoftmaxSum(2, 2);
    for (int part = 0; part < 6; part++) {
      double[] num = {part, 1 - part};
      for (int q = 0; q < 2; q++) {
        (part % 2 == 0 ? left : right).add(q, part * q, 1 + part, 2 + part, num);
        whole.add(q, part * q, 1 + part, 2 + part, num);
      }
    }
    right.beyondBound(1, 10, 0.3);
    left.beyondBound(1, 10, 0.2);
    assertThat(whole.isBounded()).isFalse();
    left.add(right);
    for (int q = 0; q < 2; q++) {
      assertThat(left.logNormalizer(q)).isCloseTo(whole.logNormalizer(q), within(1e-14));
      assertThat(left.output(q, 0)).isCloseTo(whole.output(q, 0), within(1e-13));
      assertThat(left.output(q, 1)).isCloseTo(whole.output(q, 1), within(1e-13));
    }
    assertThat(left.isBounded()).isTrue();
    assertThat(left.beyondBound(0)).isZero();
    assertThat(left.beyondBound(1)).isCloseTo(5, within(1e-12));
  }

  /**
   * Parts with errors, and an exact part: the stated error equals that of small random errors of
   * each part that add up. Half of the variance of the output errors is common to the parts.
   */
  @Test
  void errorsOfPartsCombineLikeRandomErrors() {
    Random random = new Random(4);
    double[] logDen = {0.3, 1.1, -0.5};
    double[][] output = {{1, 2}, {-1, 0.5}, {3, -2}};
    double[] outputError = {1e-4, 3e-4, 0};
    double[] logDenError = {2e-4, 1e-4, 3e-4};
    SoftmaxSum sum = sum(logDen, output, outputError, logDenError);
    sum.add(0, 0, 2, 2, new double[] {1, 1});
    int trials = 40_000;
    double square = 0;
    for (int trial = 0; trial < trials; trial++) {
      double[] movedLogDen = logDen.clone();
      double[][] moved = new double[3][2];
      double[] common = {random.nextGaussian(), random.nextGaussian()};
      for (int part = 0; part < 3; part++) {
        movedLogDen[part] += logDenError[part] * random.nextGaussian();
        for (int c = 0; c < 2; c++) {
          // Half of the variance in each of two coordinates.
          double drawn = 0.5 * (common[c] + random.nextGaussian());
          moved[part][c] = output[part][c] + outputError[part] * drawn;
        }
      }
      SoftmaxSum other = sum(movedLogDen, moved, outputError, logDenError);
      other.add(0, 0, 2, 2, new double[] {1, 1});
      for (int c = 0; c < 2; c++) {
        square += Math.pow(other.output(0, c) - sum.output(0, c), 2) / trials;
      }
    }
    assertThat(sum.error(0)).isCloseTo(Math.sqrt(square), within(0.03 * sum.error(0)));
  }

  private static SoftmaxSum sum(
      double[] logDen, double[][] output, double[] outputError, double[] logDenError) {
    SoftmaxSum sum = new SoftmaxSum(1, 2);
    for (int part = 0; part < logDen.length; part++) {
      sum.addEstimate(0, logDen[part], output[part], outputError[part], logDenError[part]);
    }
    return sum;
  }

  @Test
  void theErrorOfOnePartShrinksWithItsShare() {
    SoftmaxSum sum = new SoftmaxSum(2, 1);
    sum.addEstimate(0, 5, new double[] {7}, 0.5, 3);
    assertThat(sum.isEstimated(0)).isTrue();
    assertThat(sum.isEstimated(1)).isFalse();
    assertThat(sum.error(0)).isCloseTo(0.5, within(1e-12));
    assertThat(sum.error(1)).isZero();
    assertThat(sum.output(0, 0)).isCloseTo(7, within(1e-12));
    assertThat(sum.logNormalizer(0)).isCloseTo(5, within(1e-12));
    // The same output again, exact, of three times the mass.
    sum.add(0, 5 + Math.log(3), 1, 1, new double[] {7});
    assertThat(sum.error(0)).isCloseTo(0.125, within(1e-12));
    // A far larger mass.
    sum.add(0, 1e6, 1, 1, new double[] {7});
    assertThat(sum.error(0)).isZero();
  }

  @Test
  void theLogNormalizersErrorShrinksWithThePartsShare() {
    SoftmaxSum sum = new SoftmaxSum(2, 1);
    sum.addEstimate(0, 5, new double[] {7}, 0.5, 0.3);
    assertThat(sum.logNormalizerError(0)).isCloseTo(0.3, within(1e-12));
    assertThat(sum.logNormalizerError(1)).as("exact").isZero();
    // The same mass again: errors with a correlation of one half, each of half the sum.
    sum.addEstimate(0, 5, new double[] {7}, 0.5, 0.3);
    assertThat(sum.logNormalizerError(0)).isCloseTo(0.3 * Math.sqrt(0.75), within(1e-12));
    // An exact part of twice the mass, then of far more.
    sum.add(0, 5 + Math.log(2), 1, 1, new double[] {7});
    assertThat(sum.logNormalizerError(0)).isCloseTo(0.15 * Math.sqrt(0.75), within(1e-12));
    sum.add(0, 1e6, 1, 1, new double[] {7});
    assertThat(sum.logNormalizerError(0)).isZero();
  }

  @Test
  void addingASumAddsItsErrors() {
    SoftmaxSum whole = new SoftmaxSum(1, 1);
    SoftmaxSum left = new SoftmaxSum(1, 1);
    SoftmaxSum right = new SoftmaxSum(1, 1);
    for (int part = 0; part < 4; part++) {
      double[] output = {part};
      whole.addEstimate(0, part, output, 0.1 * part, 0.2);
      (part < 2 ? left : right).addEstimate(0, part, output, 0.1 * part, 0.2);
    }
    left.add(right);
    assertThat(left.error(0)).isCloseTo(whole.error(0), within(1e-12));
    assertThat(left.isEstimated(0)).isTrue();
  }

  @Test
  void bytesKeepEverything() {
    SoftmaxSum sum =
        sum(
            new double[] {0, 3},
            new double[][] {{1, 2}, {-1, 4}},
            new double[2],
            new double[] {0.5, 0.25});
    sum.add(0, 1e30, -2, 7, new double[] {5, 6});
    sum.beyondBound(0, 10, 0.3);
    SoftmaxSum empty = new SoftmaxSum(3, 5);
    for (SoftmaxSum each : List.of(sum, empty)) {
      WireWriter out = new WireWriter(each.bytes());
      each.write(out);
      byte[] bytes = out.toByteArray();

      SoftmaxSum read = SoftmaxSum.read(new WireReader(bytes));

      assertThat(read.isBounded()).isEqualTo(each.isBounded());
      WireWriter again = new WireWriter(read.bytes());
      read.write(again);
      assertThat(again.toByteArray()).isEqualTo(bytes);
      for (int q = 0; q < each.queries(); q++) {
        assertThat(read.output(q, 0)).isEqualTo(Double.valueOf(each.output(q, 0)));
        assertThat(read.logNormalizer(q)).isEqualTo(Double.valueOf(each.logNormalizer(q)));
        assertThat(read.error(q)).isEqualTo(Double.valueOf(each.error(q)));
        assertThat(read.isLost(q)).isEqualTo(each.isLost(q));
        assertThat(read.beyondBound(q)).isEqualTo(Double.valueOf(each.beyondBound(q)));
      }
      for (int length = 0; length < bytes.length; length++) {
        WireReader cut = new WireReader(Arrays.copyOf(bytes, length));
        assertThatExceptionOfType(CorruptSketchException.class)
            .isThrownBy(() -> SoftmaxSum.read(cut));
      }
    }
  }

  @Test
  void answersBelowTwoToTheMinusTwelveOfThePeakAreLost() {
    SoftmaxSum sum = new SoftmaxSum(3, 1);
    sum.add(0, 0, 0x1.01p-12, 1, new double[1]);
    sum.add(1, 0, 0x0.ffp-12, 1, new double[1]);
    sum.add(2, 0, -1, 1, new double[1]);
    assertThat(sum.isLost(0)).isFalse();
    assertThat(sum.isLost(1)).isTrue();
    assertThat(sum.isLost(2)).isTrue();
    assertThat(sum.logNormalizer(2)).isEqualTo(Double.NEGATIVE_INFINITY);
  }
}
