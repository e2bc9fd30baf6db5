// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.codirections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.registry.Streams;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.util.Arrays;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CoDirectionsTest {

  /** A stream of pairs, its product and its norms. */
  private static final class Pairs {
    final float[] x;
    final float[] y;
    final int count;
    final int leftDim;
    final int rightDim;
    final double[][] product;
    double squaresOfX;
    double squaresOfY;

    /**
     * @param density share of entries that are not 0
     * @param rank number of directions of x; 0 for all
     */
    Pairs(Random random, int count, int leftDim, int rightDim, double density, int rank) {
      this.count = count;
      this.leftDim = leftDim;
      this.rightDim = rightDim;
      x = new float[count * leftDim];
      y = new float[count * rightDim];
      product = new double[leftDim][rightDim];
      float[][] directions = new float[rank][];
      Arrays.setAll(directions, i -> Streams.vector(random, leftDim, 1));
      for (int j = 0; j < count; j++) {
        float[] row = rank > 0 ? directions[random.nextInt(rank)] : null;
        for (int i = 0; i < leftDim; i++) {
          // Variances decrease, like those of features.
          x[j * leftDim + i] =
              row != null
                  ? row[i]
                  : random.nextDouble() < density ? (float) (random.nextGaussian() / (1 + i)) : 0;
        }
        for (int c = 0; c < rightDim; c++) {
          y[j * rightDim + c] =
              random.nextDouble() < density
                  ? (float) (random.nextGaussian() + x[j * leftDim + c % leftDim])
                  : 0;
        }
        for (int i = 0; i < leftDim; i++) {
          squaresOfX += (double) x[j * leftDim + i] * x[j * leftDim + i];
          for (int c = 0; c < rightDim; c++) {
            product[i][c] += (double) x[j * leftDim + i] * y[j * rightDim + c];
          }
        }
        for (int c = 0; c < rightDim; c++) {
          squaresOfY += (double) y[j * rightDim + c] * y[j * rightDim + c];
        }
      }
    }

    CoDirections fold(int columns, int from, int to) {
      CoDirections sketch = new CoDirections(leftDim, rightDim, columns);
      for (int j = from; j < to; j++) {
        sketch.add(x, j * leftDim, y, j * rightDim);
      }
      return sketch;
    }

    /** Returns the bound 2 |X|_F |Y|_F / l. */
    double bound(int columns) {
      return 2 * Math.sqrt(squaresOfX * squaresOfY) / columns;
    }

    /** Returns the spectral norm of X Y' - B_X B_Y'. */
    double error(CoDirections sketch) {
      DMatrixRMaj rest = new DMatrixRMaj(product);
      for (int i = 0; i < leftDim; i++) {
        double[] unit = new double[leftDim];
        unit[i] = 1;
        double[] row = new double[rightDim];
        sketch.addTo(unit, row);
        for (int c = 0; c < rightDim; c++) {
          rest.add(i, c, -row[c]);
        }
      }
      return ProductSvd.svdOfProduct(rest, CommonOps_DDRM.identity(rightDim)).values()[0];
    }

    /** Returns the float rounding: a few units in the last place for each of 2 n / l roundings. */
    double rounding(int columns) {
      return 1e-6 * Math.sqrt(squaresOfX * squaresOfY) * Math.max(1, count / (double) columns / 50);
    }
  }

  @ParameterizedTest
  @CsvSource({"300,20,6,4", "1000,40,30,8", "1000,40,30,16", "2000,60,50,32", "500,5,30,8"})
  void theErrorIsWithinItsCertificateAndThatWithinTheBound(int n, int t, int dv, int columns) {
    for (int seed = 0; seed < 3; seed++) {
      Pairs pairs = new Pairs(new Random(seed), n, t, dv, 1, 0);
      CoDirections sketch = pairs.fold(columns, 0, n);
      assertThat(pairs.error(sketch))
          .isLessThanOrEqualTo(sketch.errorBound() + pairs.rounding(columns));
      assertThat(sketch.errorBound())
          .isLessThanOrEqualTo(2 * sketch.mass() / columns + pairs.rounding(columns))
          .isLessThanOrEqualTo(pairs.bound(columns) + pairs.rounding(columns));
      CoDirections merged = pairs.fold(columns, 0, n / 3);
      CoDirections rest = pairs.fold(columns, n / 3, n);
      byte[] before = rest.toByteArray();
      merged.merge(rest);
      assertThat(rest.toByteArray()).isEqualTo(before);
      assertThat(merged.mass()).isCloseTo(sketch.mass(), within(1e-9 * sketch.mass()));
      assertThat(pairs.error(merged))
          .isLessThanOrEqualTo(merged.errorBound() + pairs.rounding(columns));
      assertThat(merged.errorBound())
          .isLessThanOrEqualTo(2 * merged.mass() / columns + pairs.rounding(columns));
    }
  }

  @Test
  void keepsFewDirectionsExactlyAndRetractsPairs() {
    Pairs pairs = new Pairs(new Random(1), 400, 30, 20, 1, 3);
    CoDirections sketch = pairs.fold(8, 0, 400);
    assertThat(sketch.errorBound()).isLessThan(pairs.rounding(8));
    assertThat(pairs.error(sketch)).isLessThan(pairs.rounding(8));
    for (int j = 0; j < 400; j++) {
      float[] negative = Arrays.copyOfRange(pairs.x, j * 30, j * 30 + 30);
      for (int i = 0; i < 30; i++) {
        negative[i] = -negative[i];
      }
      sketch.add(negative, 0, pairs.y, j * 20);
    }
    Pairs nothing = new Pairs(new Random(1), 0, 30, 20, 1, 0);
    assertThat(nothing.error(sketch)).isLessThan(2 * pairs.rounding(8));
  }

  @ParameterizedTest
  @CsvSource({"2000,100,40,8,0.1", "2000,100,40,16,0.05", "3000,60,50,16,0.3", "50,30,40,4,1"})
  void sparsePairsComeWithinTheBound(int n, int t, int dv, int columns, double density) {
    for (int seed = 0; seed < 3; seed++) {
      Pairs pairs = new Pairs(new Random(seed), n, t, dv, density, 0);
      SparseCoDirections sparse = new SparseCoDirections(t, dv, columns, seed);
      for (int j = 0; j < n; j++) {
        int[] xIndices = indices(pairs.x, j, t);
        int[] yIndices = indices(pairs.y, j, dv);
        sparse.add(
            xIndices,
            values(pairs.x, j * t, xIndices),
            yIndices,
            values(pairs.y, j * dv, yIndices));
      }
      CoDirections sketch = sparse.toSketch();
      assertThat(pairs.error(sketch)).isLessThan(pairs.bound(columns));
      assertThat(sketch.mass()).isLessThanOrEqualTo(columns * pairs.bound(columns) / 2 * 1.000001);
    }
  }

  private static int[] indices(float[] rows, int j, int dim) {
    return java.util.stream.IntStream.range(0, dim).filter(i -> rows[j * dim + i] != 0).toArray();
  }

  private static float[] values(float[] rows, int offset, int[] indices) {
    float[] values = new float[indices.length];
    for (int i = 0; i < indices.length; i++) {
      values[i] = rows[offset + indices[i]];
    }
    return values;
  }

  @Test
  void refusesSparsePairsOutOfRange() {
    SparseCoDirections sparse = new SparseCoDirections(3, 2, 2, 0);
    assertThatThrownBy(() -> sparse.add(new int[] {3}, new float[1], new int[0], new float[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> sparse.add(new int[] {0}, new float[1], new int[] {1}, new float[2]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(sparse.toSketch().mass()).isZero();
  }

  @Test
  void readsWhatItWrote() {
    Pairs pairs = new Pairs(new Random(2), 200, 12, 9, 1, 0);
    CoDirections sketch = pairs.fold(6, 0, 101);
    CoDirections read = CoDirections.heapify(sketch.toByteArray());
    assertThat(read.toByteArray()).hasSize(sketch.stateBytes()).isEqualTo(sketch.toByteArray());
    for (int j = 101; j < 200; j++) {
      sketch.add(pairs.x, 12 * j, pairs.y, 9 * j);
      read.add(pairs.x, 12 * j, pairs.y, 9 * j);
    }
    assertThat(read.toByteArray()).isEqualTo(sketch.toByteArray());
  }

  @Test
  void refusesHostileBytesOrWorks() {
    Random random = new Random(5);
    byte[] bytes = new Pairs(random, 50, 4, 3, 1, 0).fold(4, 0, 50).toByteArray();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> CoDirections.heapify(cut))
          .isInstanceOf(CorruptSketchException.class);
    }
    for (int trial = 0; trial < 2000; trial++) {
      byte[] changed = bytes.clone();
      for (int i = 0; i < 3; i++) {
        changed[random.nextInt(random.nextBoolean() ? 32 : bytes.length)] =
            (byte) random.nextInt(256);
      }
      CoDirections read;
      try {
        read = CoDirections.heapify(changed);
      } catch (CorruptSketchException e) {
        continue;
      }
      assertThat(read.toByteArray()).isEqualTo(changed);
    }
  }

  @Test
  void refusesOtherShapes() {
    CoDirections sketch = new CoDirections(3, 2, 4);
    assertThatThrownBy(() -> sketch.merge(new CoDirections(3, 2, 6)))
        .isInstanceOf(IncompatibleSketchException.class);
    assertThatThrownBy(() -> new CoDirections(3, 2, 5))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
