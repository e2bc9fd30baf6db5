// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares kernels with simple loops. Runs with vectors of every length, and without vectors. */
@Tag("kernels")
class KernelsTest {

  private final Random random = new Random(11);

  // Odd sizes and offsets, so that vector kernels have remainders.
  @ParameterizedTest
  @CsvSource({"0,3", "1,1", "5,7", "17,16", "33,65"})
  void logitsAreScaledDotProducts(int count, int dim) {
    float[] query = floats(dim + 3);
    float[] keys = floats(count * dim + 5);
    double[] out = new double[count + 1];
    out[count] = 42;
    Kernels.logits(query, 3, 0.25, keys, count, dim, out);
    for (int j = 0; j < count; j++) {
      double dot = 0;
      double magnitude = 0;
      for (int i = 0; i < dim; i++) {
        dot += (double) query[3 + i] * keys[j * dim + i];
        magnitude += Math.abs((double) query[3 + i] * keys[j * dim + i]);
      }
      // For any order of summation, the error is at most dim units in the last place of the
      // magnitudes.
      assertThat(out[j]).isCloseTo(0.25 * dot, within(1e-14 * magnitude));
    }
    assertThat(out[count]).as("nothing is written behind the end").isEqualTo(42);
  }

  @Test
  void logitsOfTheLargestFloatsAreFinite() {
    double[] out = new double[1];
    float[] huge = {Float.MAX_VALUE, Float.MAX_VALUE};
    Kernels.logits(huge, 0, 1, huge, 1, 2, out);
    double largest = Float.MAX_VALUE;
    assertThat(out[0]).isEqualTo(2 * largest * largest);
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "31", "32", "33", "100", "352"})
  void solveLowerSolvesEveryRow(int n) {
    double[] lower = random.doubles(n * (n + 1) / 2, -1, 1).toArray();
    for (int i = 0, row = 0; i < n; row += ++i) {
      lower[row + i] = n + random.nextDouble();
    }
    double[] right = random.doubles(n, -1, 1).toArray();
    double[] solved = right.clone();
    Kernels.solveLower(lower, n, solved);
    for (int i = 0, row = 0; i < n; row += ++i) {
      double sum = 0;
      double magnitude = Math.abs(right[i]);
      for (int l = 0; l <= i; l++) {
        sum += lower[row + l] * solved[l];
        magnitude += Math.abs(lower[row + l] * solved[l]);
      }
      // For any order of summation, twice 2^-53 of the magnitudes for each term.
      assertThat(sum).isCloseTo(right[i], within(2 * (i + 2) * 0x1p-53 * magnitude));
    }
  }

  @Test
  void maxComparesOnlyTheFirstNumbers() {
    assertThat(Kernels.max(new double[] {-3, -1, -2, 7}, 3)).isEqualTo(-1);
    assertThat(Kernels.max(new double[] {7}, 0)).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void expMinusStaysWithinTwoUnitsInTheLastPlace() {
    double[] x = {0, -1, -700, -1e30, 1e30, 1};
    Kernels.expMinus(x, 4, 1);
    assertThat(x[0]).isCloseTo(Math.exp(-1), within(2 * Math.ulp(Math.exp(-1))));
    assertThat(x[1]).isCloseTo(Math.exp(-2), within(2 * Math.ulp(Math.exp(-2))));
    assertThat(x[2]).isCloseTo(Math.exp(-701), within(2 * Math.ulp(Math.exp(-701))));
    assertThat(x[3]).isZero();
    assertThat(x).endsWith(1e30, 1);
  }

  @Test
  void expMinusOverflowsToInfinity() {
    double[] x = new double[9];
    Arrays.fill(x, 720);
    Kernels.expMinus(x, 9, 0);
    assertThat(x).containsOnly(Double.POSITIVE_INFINITY);
  }

  @Test
  void expMinusIsRightToTwoUnitsInTheLastPlaceEverywhere() {
    double[] x = random.doubles(100_003, -708, 1).toArray();
    double[] exp = x.clone();
    Kernels.expMinus(exp, exp.length, 0.5);
    for (int i = 0; i < x.length; i++) {
      double expected = StrictMath.exp(x[i] - 0.5);
      assertThat(exp[i]).isCloseTo(expected, within(2 * Math.ulp(expected)));
    }
  }

  @Test
  void expOfNegativeIsRightToThreeUnitsInTheLastPlaceEverywhere() {
    // One float in 1 009 between -87.25 and -2^-20, because all of them would take minutes.
    int least = Float.floatToIntBits(0x1p-20f);
    int most = Float.floatToIntBits(87.25f);
    float[] x = new float[(most - least) / 1009];
    for (int i = 0; i < x.length; i++) {
      x[i] = -Float.intBitsToFloat(least + 1009 * i);
    }
    float[] exp = x.clone();
    Kernels.expOfNegative(exp, exp.length);
    for (int i = 0; i < x.length; i++) {
      double expected = Math.exp(x[i]);
      // 3 * 2^-24 < 1e-6. A plain comparison, because an assertion for each is slow.
      if (!(Math.abs(exp[i] - expected) <= 3 * 0x1p-24 * expected)) {
        assertThat((double) exp[i]).isCloseTo(expected, within(3 * 0x1p-24 * expected));
      }
    }
    float[] edges = {0, -0f, -89, -1e30f, Float.NEGATIVE_INFINITY, 42};
    float[] padded = Arrays.copyOf(edges, 64);
    Kernels.expOfNegative(padded, 64);
    // Vectors give 0 if plain loops give a denormal number.
    assertThat(padded[0]).isEqualTo(1);
    assertThat(padded[1]).isEqualTo(1);
    assertThat(padded[2]).isBetween(0f, Float.MIN_NORMAL);
    assertThat(padded[3]).isZero();
    assertThat(padded[4]).isZero();
    Kernels.expOfNegative(edges, 5);
    assertThat(edges[5]).isEqualTo(42);
  }

  @ParameterizedTest
  @CsvSource({"0,2", "1,1", "9,5", "40,33"})
  void weightedRowsAreAdded(int count, int dim) {
    double[] weights = random.doubles(count, -1, 1).toArray();
    float[] rows = floats(count * dim);
    double[] sum = random.doubles(dim).toArray();
    double[] expected = sum.clone();
    for (int j = 0; j < count; j++) {
      for (int c = 0; c < dim; c++) {
        expected[c] += weights[j] * rows[j * dim + c];
      }
    }
    Kernels.addWeightedRows(weights, rows, count, dim, sum);
    for (int c = 0; c < dim; c++) {
      // Rounding of at most 41 terms of at most 5.
      assertThat(sum[c]).isCloseTo(expected[c], within(1e-13));
    }
  }

  @ParameterizedTest
  @CsvSource({"0,2,2", "1,1,1", "7,3,5", "256,35,17"})
  void transposedProductsAreAdded(int count, int leftDim, int rightDim) {
    float[] left = floats(count * leftDim);
    float[] right = floats(count * rightDim);
    float[] sum = floats(leftDim * rightDim);
    float[] before = sum.clone();
    Kernels.addTransposedProduct(left, leftDim, right, rightDim, count, sum);
    for (int r = 0; r < leftDim; r++) {
      for (int c = 0; c < rightDim; c++) {
        double expected = before[r * rightDim + c];
        double magnitude = Math.abs(expected);
        for (int j = 0; j < count; j++) {
          double term = (double) left[j * leftDim + r] * right[j * rightDim + c];
          expected += term;
          magnitude += Math.abs(term);
        }
        // Float sums of count + 1 terms: (count + 2) half units in the last place at worst.
        assertThat((double) sum[r * rightDim + c])
            .isCloseTo(expected, within((count + 2) * 0x1p-24 * magnitude));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0,2,2", "1,1,1", "7,3,5", "65,32,350", "3,0,4", "9,33,67", "62,48,175", "16,20,48"})
  void productsAreAdded(int count, int innerDim, int rightDim) {
    float[] left = floats(count * innerDim);
    float[] right = floats(innerDim * rightDim);
    float[] sum = floats(count * rightDim + 1);
    float[] before = sum.clone();
    Kernels.addProduct(left, count, innerDim, right, rightDim, sum);
    for (int j = 0; j < count; j++) {
      for (int c = 0; c < rightDim; c++) {
        double expected = before[j * rightDim + c];
        double magnitude = Math.abs(expected);
        for (int i = 0; i < innerDim; i++) {
          double term = (double) left[j * innerDim + i] * right[i * rightDim + c];
          expected += term;
          magnitude += Math.abs(term);
        }
        // Float sums of innerDim + 1 terms.
        assertThat((double) sum[j * rightDim + c])
            .isCloseTo(expected, within((innerDim + 2) * 0x1p-24 * magnitude));
      }
    }
    assertThat(sum[count * rightDim]).isEqualTo(before[count * rightDim]);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 19, 192})
  void massesGrowAsSquaresUpToTheirReachAndThenLinearly(int columns) {
    float[] deviations = {0, 0.5f, 3, 40, Float.MAX_VALUE};
    float[] logCounts = floats(columns);
    float[] spreads = floats(columns);
    float[] reaches = floats(columns);
    for (int c = 0; c < columns; c++) {
      spreads[c] = Math.abs(spreads[c]);
      reaches[c] = Math.abs(reaches[c]);
    }
    float[] out = new float[deviations.length * columns];
    Kernels.logMasses(deviations, deviations.length, logCounts, spreads, reaches, out);
    for (int j = 0; j < deviations.length; j++) {
      for (int c = 0; c < columns; c++) {
        float along = deviations[j] * spreads[c];
        float reach = reaches[c];
        float growth = along <= reach ? along * (along - along / 2) : reach * (along - reach / 2);
        assertThat(out[j * columns + c]).isEqualTo(logCounts[c] + growth);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0,3", "3,0", "1,1", "7,19", "60,176"})
  void meansOfSharesThatEnd(int rows, int columns) {
    float[] weights = floats(rows * columns);
    float[] shares = floats(columns);
    float[] ends = floats(columns);
    for (int c = 0; c < columns; c++) {
      ends[c] = c == 3 ? Float.MAX_VALUE : Math.abs(ends[c]);
    }
    float[] deviations = new float[rows];
    for (int j = 0; j < rows; j++) {
      deviations[j] = j == 2 ? 0 : 0.25f + random.nextFloat();
    }
    float[] out = new float[rows];
    Kernels.cutMeans(weights, rows, shares, ends, deviations, out);
    for (int j = 0; j < rows; j++) {
      double mean = 0;
      double magnitude = 0;
      for (int c = 0; c < columns; c++) {
        double term = weights[j * columns + c] * (double) shares[c];
        mean += term * Math.min(1, ends[c] / (double) deviations[j]);
        magnitude += Math.abs(term);
      }
      assertThat((double) out[j]).isCloseTo(mean, within((columns + 3) * 0x1p-24 * magnitude));
    }
  }

  @ParameterizedTest
  @CsvSource({"0,3", "3,0", "1,1", "7,19", "64,350", "200,33"})
  void softmaxOfRows(int rows, int columns) {
    float[] logits = floats(rows * columns);
    for (int i = 0; i < logits.length; i++) {
      logits[i] *= 20;
    }
    float[] ofRows = logits.clone();
    float[] rowSums = new float[rows];
    Kernels.softmaxRows(ofRows, rows, columns, rowSums);
    for (int j = 0; j < rows; j++) {
      requireSoftmax(logits, ofRows, j * columns, columns, rowSums[j]);
    }
  }

  private static void requireSoftmax(
      float[] logits, float[] weights, int from, int count, float logSum) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, logits[from + i]);
    }
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.exp(logits[from + i] - max);
    }
    for (int i = 0; i < count; i++) {
      double expected = Math.exp(logits[from + i] - max) / sum;
      // exp to 1e-6, a float sum of up to 350 positive terms; below 1e-38 floats are denormal.
      assertThat((double) weights[from + i]).isCloseTo(expected, within(1e-5 * expected + 1e-37));
    }
    double expected = max + Math.log(sum);
    if (count == 0) {
      assertThat(logSum).isEqualTo(Float.NEGATIVE_INFINITY);
    } else {
      assertThat((double) logSum).isCloseTo(expected, within(1e-5 + 1e-7 * Math.abs(expected)));
    }
  }

  @Test
  void softmaxTreatsNaNAs0AndInfinitiesAsTheLargestFloats() {
    float infinity = Float.POSITIVE_INFINITY;
    float[] logits = {
      Float.NaN, 0, -infinity, infinity, infinity, 1, -infinity, -infinity, -infinity, 1e38f, 3e38f,
      0
    };
    float[] rows = logits.clone();
    float[] logSums = new float[4];
    Kernels.softmaxRows(rows, 4, 3, logSums);
    float third = 1 / 3f;
    assertThat(rows)
        .containsExactly(
            new float[] {0.5f, 0.5f, 0, 0.5f, 0.5f, 0, third, third, third, 0, 1, 0},
            within(1e-6f));
    assertThat(logSums[0]).isCloseTo((float) Math.log(2), within(1e-6f));
    assertThat(logSums).endsWith(Float.MAX_VALUE, -Float.MAX_VALUE, 3e38f);
  }

  @ParameterizedTest
  @CsvSource({"1,3,0,2", "3,1,1,1", "9,5,31,7", "21,32,124,32", "8,33,256,48", "5,4,700,16"})
  void attentionIsTheSoftmaxOfLogitsTimesValues(int count, int dim, int tokens, int valueDim) {
    attention(count, dim, tokens, valueDim, new float[0]);
    attention(count, dim, tokens, valueDim, floats(tokens));
  }

  private void attention(int count, int dim, int tokens, int valueDim, float[] biases) {
    float[] queries = floats(count * dim);
    float[] keys = floats(tokens * dim);
    // Logits grow along the block, so that earlier sums must be rescaled.
    for (int i = 0; i < keys.length; i++) {
      keys[i] *= 1 + i / 2000f;
    }
    float[] values = floats(tokens * valueDim);
    float[] outputs = floats(count * valueDim + 1);
    float behind = outputs[count * valueDim];
    float[] logSums = new float[count];
    Kernels.attend(queries, count, dim, keys, biases, values, tokens, valueDim, outputs, logSums);
    double[] logits = new double[tokens];
    for (int q = 0; q < count; q++) {
      Kernels.logits(queries, q * dim, 1, keys, tokens, dim, logits);
      for (int j = 0; j < biases.length; j++) {
        logits[j] += biases[j];
      }
      double max = Kernels.max(logits, tokens);
      double sum = 0;
      double[] output = new double[valueDim];
      for (int j = 0; j < tokens; j++) {
        double weight = Math.exp(logits[j] - max);
        sum += weight;
        for (int c = 0; c < valueDim; c++) {
          output[c] += weight * values[j * valueDim + c];
        }
      }
      if (tokens == 0) {
        assertThat(logSums[q]).isEqualTo(Float.NEGATIVE_INFINITY);
      } else {
        assertThat((double) logSums[q]).isCloseTo(max + Math.log(sum), within(2e-5));
      }
      for (int c = 0; c < valueDim; c++) {
        // Float logits of about 30 have errors of 1e-5, and values are at most 4.
        double expected = tokens == 0 ? 0 : output[c] / sum;
        assertThat((double) outputs[q * valueDim + c]).isCloseTo(expected, within(1e-4));
      }
    }
    assertThat(outputs[count * valueDim]).isEqualTo(behind);
  }

  @Test
  void attentionIsFiniteForAnyKeys() {
    float huge = 3e38f;
    float[] keys = {huge, huge, -huge, huge, -huge, -huge, 0.25f, 0.5f};
    float[] values = {1, 2, 3, 4};
    float[] queries = {huge, huge, huge, -huge, 0, 0, 1e-38f, 0};
    float[] outputs = new float[4];
    float[] logSums = new float[4];
    Kernels.attend(queries, 4, 2, keys, new float[0], values, 4, 1, outputs, logSums);
    // Infinite for the first token only; all equal if the query is 0.
    assertThat(outputs[0]).isEqualTo(1);
    assertThat(outputs[2]).isCloseTo(2.5f, within(1e-6f));
    for (int q = 0; q < 4; q++) {
      assertThat(Float.isFinite(logSums[q])).isTrue();
      assertThat(outputs[q]).isBetween(1f, 4f);
    }
  }

  @Test
  void biasesOf0ChangeNoBit() {
    float[] queries = floats(30 * 7);
    float[] keys = floats(300 * 7);
    float[] values = floats(300 * 5);
    float[] outputs = new float[30 * 5];
    float[] logSums = new float[30];
    Kernels.attend(queries, 30, 7, keys, new float[0], values, 300, 5, outputs, logSums);
    float[] expected = outputs.clone();
    float[] expectedSums = logSums.clone();
    Kernels.attend(queries, 30, 7, keys, new float[300], values, 300, 5, outputs, logSums);
    assertThat(outputs).isEqualTo(expected);
    assertThat(logSums).isEqualTo(expectedSums);
  }

  /** A weight of e^-1000 is 0 in floats. */
  @Test
  void attentionIsFiniteForAnyBiases() {
    float[] keys = {0.5f, -0.5f, 0.25f, 1};
    float[] values = {1, 2, 3, 4};
    float[] outputs = new float[1];
    float[] logSums = new float[1];
    for (float bias : new float[] {-1e3f, -1e12f, -3e38f}) {
      float[] biases = {bias, 80, bias, bias};
      Kernels.attend(new float[] {2}, 1, 1, keys, biases, values, 4, 1, outputs, logSums);
      assertThat(outputs[0]).isEqualTo(2);
      assertThat(logSums[0]).isEqualTo(79);
      Arrays.fill(biases, bias);
      Kernels.attend(new float[] {2}, 1, 1, keys, biases, values, 4, 1, outputs, logSums);
      assertThat(outputs[0]).isBetween(1f, 4f);
      assertThat(logSums[0]).isFinite();
    }
  }

  @ParameterizedTest
  @CsvSource({"32,1,0,1", "64,5,3,9", "96,64,20,16", "128,2,95,33", "160,33,30,6"})
  void squareDistancesAreThoseOfSomePointsFromAll(int count, int dim, int first, int points) {
    float[] panels = floats(count * dim);
    float[] distances = new float[points * count + 1];
    distances[points * count] = 42;
    Kernels.squareDistances(panels, count, dim, first, points, distances);
    for (int p = 0; p < points; p++) {
      for (int b = 0; b < count; b++) {
        double expected = 0;
        for (int i = 0; i < dim; i++) {
          double x =
              (double) panels[(first + p) / 32 * 32 * dim + i * 32 + (first + p) % 32]
                  - panels[b / 32 * 32 * dim + i * 32 + b % 32];
          expected += x * x;
        }
        // Rounds each difference, each square, and each of dim sums of non-negative terms.
        assertThat((double) distances[p * count + b])
            .isCloseTo(expected, within((dim + 4) * 0x1p-24 * expected));
      }
    }
    assertThat(distances[points * count]).isEqualTo(42);
  }

  @Test
  void findsTheFirstOfTheSmallest() {
    for (int count : new int[] {1, 2, 17, 64, 65, 100, 300}) {
      for (int place = 0; place < count; place++) {
        float[] x = new float[count + 1];
        Arrays.fill(x, Float.POSITIVE_INFINITY);
        x[count - 1] = 0.5f;
        x[place] = 0.5f;
        x[count] = 0;
        assertThat(Kernels.indexOfLeast(x, count)).isEqualTo(place);
        x[place] = 0;
        assertThat(Kernels.indexOfLeast(x, count)).isEqualTo(place);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 17, 31, 64, 101})
  void theFirstOfTheLeastCostsIsFound(int count) {
    float[] distances = new float[count + 3];
    float[] sizes = new float[count];
    float[] extras = new float[count];
    for (int trial = 0; trial < 100; trial++) {
      // Few different numbers, so that ties occur; some costs are infinite.
      float[] costs = new float[count];
      int expected = 0;
      for (int b = 0; b < count; b++) {
        distances[3 + b] = random.nextInt(4) == 0 ? Float.POSITIVE_INFINITY : random.nextInt(20);
        sizes[b] = 1 + random.nextInt(2);
        extras[b] = random.nextInt(2);
        costs[b] = distances[3 + b] * (3 * sizes[b] / (3 + sizes[b]) + 2 + extras[b]);
        expected = costs[b] < costs[expected] ? b : expected;
      }
      if (costs[expected] < Float.POSITIVE_INFINITY) {
        assertThat(Kernels.indexOfLeastCost(distances, 3, sizes, extras, count, 3, 2))
            .isEqualTo(expected);
      }
    }
    Arrays.fill(distances, Float.POSITIVE_INFINITY);
    assertThat(Kernels.indexOfLeastCost(distances, 3, sizes, extras, count, 3, 2)).isEqualTo(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 33, 64})
  void weightedSquaresAreAboutTheCentre(int dim) {
    float[] rows = floats(7 * dim);
    double[] weights = new double[7];
    double[] centre = new double[dim];
    double[] sum = new double[dim];
    Arrays.setAll(weights, j -> random.nextDouble());
    Arrays.setAll(centre, c -> random.nextGaussian());
    Arrays.fill(sum, 1);
    Kernels.addWeightedSquares(weights, rows, 7, dim, centre, sum);
    for (int c = 0; c < dim; c++) {
      double expected = 1;
      for (int j = 0; j < 7; j++) {
        expected += weights[j] * Math.pow(rows[j * dim + c] - centre[c], 2);
      }
      assertThat(sum[c]).isCloseTo(expected, within(1e-14 * expected));
    }
  }

  /** Magnitudes from the smallest to the largest float, infinity and NaN. */
  private static final float[] SIZES = {
    0, Float.MIN_VALUE, 1e-38f, 1e-20f, 1, 1e20f, 3e38f, Float.POSITIVE_INFINITY, Float.NaN
  };

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 33, 64})
  void rowsAreRoundedToTheSameBitsByVectors(int dim) {
    ScalarKernels plain = new ScalarKernels();
    for (float size : SIZES) {
      for (float otherSize : SIZES) {
        float[] row = floats(dim + 3);
        float[] other = floats(dim + 5);
        for (int i = 0; i < row.length; i++) {
          row[i] *= size <= 1e37f ? size : 1e37f;
        }
        other[5 + random.nextInt(dim)] *= otherSize;
        float[] expected = row.clone();
        plain.roundRow(expected, 3, dim);
        Kernels.roundRow(row, 3, dim);
        assertThat(row).isEqualTo(expected);
        for (float share : new float[] {0, 1e-9f, 0.3f, 1}) {
          int seed = random.nextInt();
          plain.mixRow(expected, 3, other, 5, dim, 1, share, seed);
          Kernels.mixRow(row, 3, other, 5, dim, share, seed);
          assertThat(row).isEqualTo(expected);
          plain.mixRow(expected, 3, other, 5, dim, 0, 1, ~seed);
          Kernels.addToRow(row, 3, other, 5, dim, ~seed);
          assertThat(row).isEqualTo(expected);
          for (float x : row) {
            assertThat(x).isFinite();
          }
        }
      }
    }
  }

  @Test
  void roundsRowsToTheNearestOfSixteenBitsOnce() {
    for (int trial = 0; trial < 200; trial++) {
      float[] row = floats(40);
      float[] rounded = row.clone();
      Kernels.roundRow(rounded, 0, 40);
      double unit = unit(row);
      for (int i = 0; i < 40; i++) {
        assertThat((double) rounded[i]).isCloseTo(row[i], within(unit / 2));
        assertThat(Math.rint(rounded[i] / unit) * unit).isEqualTo(rounded[i]);
      }
      float[] again = rounded.clone();
      Kernels.roundRow(again, 0, 40);
      assertThat(again).isEqualTo(rounded);
      // Mixing with an equal row changes nothing, for any share.
      Kernels.mixRow(again, 0, rounded, 0, 40, random.nextDouble(), trial);
      assertThat(again).isEqualTo(rounded);
    }
  }

  /** Returns the smallest power of two of which 32 767 reach the largest number. */
  private static double unit(float[] row) {
    double largest = 0;
    for (float x : row) {
      largest = Math.max(largest, Math.abs(x));
    }
    return Math.pow(2, Math.ceil(Math.log(largest / 32767) / Math.log(2)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1e-7, 1e-3, 0.3, 0.5, 0.999, 1})
  void mixedFloatRowsAreTheWeightedSumToAUnit(double share) {
    for (int trial = 0; trial < 200; trial++) {
      float[] row = floats(40);
      Kernels.roundRow(row, 0, 40);
      // With cancellation, because the rows differ in sign.
      float[] other = floats(40);
      for (int i = 0; i < 40 && trial % 4 == 0; i++) {
        other[i] = -row[i] * (1 + 1e-3f * other[i]);
      }
      float[] mixed = row.clone();
      Kernels.mixRow(mixed, 0, other, 0, 40, share, trial);
      float[] sum = row.clone();
      Kernels.addToRow(sum, 0, other, 0, 40, trial);
      float[] exactMix = new float[40];
      float[] exactSum = new float[40];
      for (int i = 0; i < 40; i++) {
        exactMix[i] = (float) (row[i] + share * ((double) other[i] - row[i]));
        exactSum[i] = row[i] + other[i];
      }
      assertThat(mixed).containsExactly(exactMix, within((float) (1.05 * unit(exactMix))));
      assertThat(sum).containsExactly(exactSum, within((float) (1.05 * unit(exactSum))));
    }
  }

  /**
   * Unbiased, also if less than a unit is added: the mean of 40 000 roundings has a standard
   * deviation of at most 1 / 400 units.
   */
  @ParameterizedTest
  @ValueSource(floats = {0.9f, 0.5f, 0.01f, 1e-3f, 1e-5f})
  void mixedFloatRowsAreRightOnAverage(float share) {
    double mean = 0;
    int n = 40_000;
    for (int j = 0; j < n; j++) {
      float[] row = {20_001};
      Kernels.mixRow(row, 0, new float[] {12_345.678f}, 0, 1, share, random.nextInt());
      mean += (row[0] - 20_001.0) / n;
    }
    double expected = share * (12_345.678f - 20_001.0);
    assertThat(mean).isCloseTo(expected, within(1e-2 + 1e-6 * Math.abs(expected)));
  }

  @ParameterizedTest
  @CsvSource({"1e-3", "1", "2.5", "1e3"})
  void theMaternVariogramRisesFrom0To1(double length) {
    float[] x = new float[61];
    x[1] = -1e-3f;
    x[2] = Float.MAX_VALUE;
    x[3] = Float.POSITIVE_INFINITY;
    x[4] = Float.MIN_VALUE;
    for (int i = 5; i < 60; i++) {
      x[i] = (float) Math.exp(random.nextGaussian() * 3);
    }
    x[60] = 42;
    float[] variogram = x.clone();
    Kernels.maternVariogram(variogram, 60, length);
    for (int i = 0; i < 60; i++) {
      double r = Math.sqrt(5 * Math.max(0.0, x[i])) / length;
      // Near 0 this formula is dominated by rounding, unlike the series.
      double expected =
          r < 1e-3
              ? r * r / 6 - Math.pow(r, 4) / 24
              : i == 3 ? 1 : 1 - (1 + r + r * r / 3) * Math.exp(-r);
      assertThat((double) variogram[i]).isCloseTo(expected, within(1e-12 + 2e-6 * expected));
    }
    assertThat(variogram[60]).isEqualTo(42);
  }

  // Rows with small and large shares, with cancellation, empty rows, and rows that are not finite.
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 16, 32, 33, 96})
  void allProvidersMixRowsToTheSameBits(int dim) {
    float[] keeps = {0, 0.999f, 1e-6f, 0.5f, 4096, 2, 1 - 1e-7f, 0.25f, 0.7f, 0.6f, 1e-30f, 0.3f};
    int count = keeps.length;
    short[] rows = new short[count * dim];
    float[] others = floats(count * dim);
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (short) (random.nextInt(65535) - Short.MAX_VALUE);
    }
    byte[] exponents = new byte[count];
    Arrays.fill(exponents, (byte) -15);
    exponents[7] = Byte.MAX_VALUE;
    exponents[8] = Byte.MIN_VALUE;
    Arrays.fill(others, 8 * dim, 9 * dim, Float.MIN_VALUE);
    others[9 * dim] = Float.NaN;
    others[10 * dim] = Float.POSITIVE_INFINITY;
    float[] takes = new float[count];
    for (int r = 0; r < count; r++) {
      takes[r] = 1 - keeps[r];
    }
    takes[11] = 0;
    int[] seeds = random.ints(count).toArray();
    short[] expected = rows.clone();
    byte[] expectedExponents = exponents.clone();
    new ScalarKernels()
        .mixRows(expected, expectedExponents, keeps, others, takes, seeds, count, dim);

    Kernels.mixRows(rows, exponents, keeps, others, takes, seeds, count, dim);

    assertThat(rows).isEqualTo(expected);
    assertThat(exponents).isEqualTo(expectedExponents);
  }

  /** The error is at most one unit; the largest number of a row has at least 14 bits. */
  @ParameterizedTest
  @ValueSource(floats = {0, 1e-6f, 0.4f, 0.6f, 0.999f, 1 - 1e-7f, 2, 100, 4096})
  void mixedRowsAreTheWeightedSumToAUnit(float keep) {
    int count = 50;
    int dim = 20;
    short[] rows = new short[count * dim];
    byte[] exponents = new byte[count];
    float[] others = floats(count * dim);
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (short) (random.nextInt(65535) - Short.MAX_VALUE);
    }
    for (int r = 0; r < count; r++) {
      exponents[r] = (byte) (r - 40);
    }
    float[] keeps = new float[count];
    float[] takes = new float[count];
    Arrays.fill(keeps, keep);
    Arrays.fill(takes, 1 - keep);
    short[] before = rows.clone();
    byte[] exponentsBefore = exponents.clone();
    Kernels.mixRows(
        rows, exponents, keeps, others, takes, random.ints(count).toArray(), count, dim);
    for (int r = 0; r < count; r++) {
      double largest = 0;
      for (int i = r * dim; i < (r + 1) * dim; i++) {
        double own = Math.scalb((double) before[i], exponentsBefore[r]);
        double sum = (double) keep * own + (double) (1 - keep) * others[i];
        double unit = Math.scalb(1.0, exponents[r]);
        assertThat(rows[i] * unit).isCloseTo(sum, within(1.01 * unit));
        largest = Math.max(largest, Math.abs(rows[i]));
      }
      assertThat(largest).isBetween(16383.0, 32767.0);
    }
  }

  /**
   * Unbiased, also if less than a unit is added: the mean of 40 000 roundings has a standard
   * deviation of at most 1 / 400 units.
   */
  @ParameterizedTest
  @ValueSource(floats = {0.9f, 0.5f, 0.01f, 1e-3f, 1e-5f, 1e-6f, -0.01f})
  void mixedRowsAreRightOnAverage(float take) {
    int count = 40_000;
    int dim = 3;
    int own = 20_001;
    float other = 12_345.678f;
    short[] rows = new short[count * dim];
    float[] others = new float[count * dim];
    Arrays.fill(others, other);
    for (int r = 0; r < count; r++) {
      Arrays.fill(rows, r * dim, (r + 1) * dim, (short) (r % 2 == 0 ? own : own + 1));
    }
    float[] keeps = new float[count];
    float[] takes = new float[count];
    Arrays.fill(keeps, 1 - take);
    Arrays.fill(takes, take);
    byte[] exponents = new byte[count];
    Kernels.mixRows(
        rows, exponents, keeps, others, takes, random.ints(count).toArray(), count, dim);
    for (int c = 0; c < dim; c++) {
      double mean = 0;
      double squares = 0;
      for (int r = 0; r < count; r++) {
        double number = Math.scalb((double) rows[r * dim + c], exponents[r]);
        mean += (number - own) / count;
        squares += (number - own) * (number - own) / count;
      }
      double deviation = Math.sqrt(Math.max(1e-9, squares - mean * mean) / count);
      double expected = 0.5 + (double) take * (other - (own + 0.5));
      assertThat(mean).isCloseTo(expected, within(4 * deviation + 1e-3 * Math.abs(take)));
      assertThat(deviation).isLessThan(1 / 200.0);
    }
  }

  /** The rounding errors of the numbers of a row, or of a column, are independent. */
  @Test
  void numbersAreRoundedIndependently() {
    int count = 20_000;
    int dim = 8;
    short[] rows = new short[count * dim];
    float[] others = new float[count * dim];
    Arrays.fill(rows, (short) 20_000);
    Arrays.fill(others, 20_000.5f);
    float[] keeps = new float[count];
    float[] takes = new float[count];
    Arrays.fill(takes, 1);
    Kernels.mixRows(
        rows, new byte[count], keeps, others, takes, random.ints(count).toArray(), count, dim);
    for (int a = 0; a < dim; a++) {
      for (int b = 0; b < a; b++) {
        double together = 0;
        for (int r = 0; r < count; r++) {
          together += (rows[r * dim + a] - 20_000.5) * (rows[r * dim + b] - 20_000.5) * 4 / count;
        }
        assertThat(together).isCloseTo(0, within(5 / Math.sqrt(count)));
      }
    }
  }

  private float[] floats(int count) {
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }
}
