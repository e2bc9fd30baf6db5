package dev.onepass.sketch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kernels against loops that are too plain to be wrong. */
class KernelsTest {

  private final Random random = new Random(11);

  // Odd sizes and offsets, so that a vectorised provider has tails to get wrong.
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
      // Any order of summation stays within dim units in the last place of the magnitudes.
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

  @Test
  void maxLooksAtTheFirstCountOnly() {
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
      // Rounding of at most 41 terms, none above 5.
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

  private float[] floats(int count) {
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }
}
