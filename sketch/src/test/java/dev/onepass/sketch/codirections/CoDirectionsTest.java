// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.codirections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.registry.Streams;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.decomposition.svd.SvdImplicitQrDecompose_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CoDirectionsTest {

  /** Features that are the row itself. */
  private static final class Whole implements RowFeatures {
    private final int dim;
    private SparseRows rows;
    private int from;

    Whole(int dim) {
      this.dim = dim;
    }

    @Override
    public int dim() {
      return dim;
    }

    @Override
    public int expand(SparseRows expanded, int row) {
      rows = expanded;
      from = rows.begin(row);
      return rows.begin(row + 1) - from;
    }

    @Override
    public int index(int feature) {
      return rows.index(from + feature);
    }

    @Override
    public double value(int feature) {
      return rows.value(from + feature);
    }

    @Override
    public double dot(double[] features, SparseRows of, int row) {
      double dot = 0;
      for (int e = of.begin(row); e < of.begin(row + 1); e++) {
        dot += features[of.index(e)] * of.value(e);
      }
      return dot;
    }
  }

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
      CoDirections sketch = sketch(columns);
      add(sketch, from, to, 1);
      return sketch;
    }

    /** Returns an empty sketch whose buffer holds about as many dense pairs as columns. */
    CoDirections sketch(int columns) {
      int buffer = (int) CoDirections.leastBufferBytes(leftDim, rightDim) * columns;
      return new CoDirections(new Whole(leftDim), leftDim, rightDim, columns, buffer);
    }

    void add(CoDirections sketch, int from, int to, int sign) {
      SparseRows row = new SparseRows(leftDim);
      for (int j = from; j < to; j++) {
        row.clear();
        row.add(x, j * leftDim);
        float[] value = Arrays.copyOfRange(y, j * rightDim, (j + 1) * rightDim);
        for (int c = 0; c < rightDim; c++) {
          value[c] *= sign;
        }
        sketch.add(row, 0, row.norm(0), value);
      }
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
      return largestSingularValue(rest);
    }

    private static double largestSingularValue(DMatrixRMaj matrix) {
      SvdImplicitQrDecompose_DDRM svd = new SvdImplicitQrDecompose_DDRM(true, false, false, true);
      assertThat(svd.decompose(matrix)).isTrue();
      return Arrays.stream(svd.getSingularValues()).max().orElseThrow();
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
          .isLessThanOrEqualTo(2 * pairs.bound(columns) + pairs.rounding(columns));
      CoDirections merged = pairs.fold(columns, 0, n / 3);
      CoDirections rest = pairs.fold(columns, n / 3, n);
      byte[] before = bytes(rest);
      merged.merge(rest, 0);
      assertThat(bytes(rest)).isEqualTo(before);
      assertThat(merged.mass()).isCloseTo(sketch.mass(), within(1e-9 * sketch.mass()));
      assertThat(pairs.error(merged))
          .isLessThanOrEqualTo(merged.errorBound() + pairs.rounding(columns));
      assertThat(merged.errorBound())
          .isLessThanOrEqualTo(2 * pairs.bound(columns) + pairs.rounding(columns));
    }
  }

  @Test
  void keepsFewDirectionsExactlyAndRetractsPairs() {
    Pairs pairs = new Pairs(new Random(1), 400, 30, 20, 1, 3);
    CoDirections sketch = pairs.fold(8, 0, 400);
    assertThat(sketch.errorBound()).isLessThan(pairs.rounding(8));
    assertThat(pairs.error(sketch)).isLessThan(pairs.rounding(8));
    pairs.add(sketch, 0, 400, -1);
    Pairs nothing = new Pairs(new Random(1), 0, 30, 20, 1, 0);
    assertThat(nothing.error(sketch)).isLessThan(2 * pairs.rounding(8));
  }

  @ParameterizedTest
  @CsvSource({"2000,100,40,8,0.1", "2000,100,40,16,0.05", "3000,60,50,16,0.3", "50,30,40,4,1"})
  void sparsePairsComeWithinTheBound(int n, int t, int dv, int columns, double density) {
    for (int seed = 0; seed < 3; seed++) {
      Pairs pairs = new Pairs(new Random(seed), n, t, dv, density, 0);
      CoDirections sketch = pairs.fold(columns, 0, n);
      assertThat(pairs.error(sketch))
          .isLessThan(pairs.bound(columns))
          .isLessThanOrEqualTo(sketch.errorBound() + pairs.rounding(columns));
      assertThat(sketch.mass()).isLessThanOrEqualTo(columns * pairs.bound(columns) / 2 * 1.000001);
    }
  }

  private static byte[] bytes(CoDirections sketch) {
    WireWriter out = new WireWriter((int) sketch.bytes());
    sketch.write(out);
    return out.toByteArray();
  }

  private static CoDirections read(byte[] bytes, int leftDim, int rightDim) {
    WireReader in = new WireReader(bytes);
    CoDirections sketch = CoDirections.read(in, new Whole(leftDim), leftDim, rightDim);
    in.expectEnd();
    return sketch;
  }

  /** As many columns as y has numbers lose nothing, however many reductions there are. */
  @Test
  void asManyColumnsAsValuesLoseNothing() {
    Pairs pairs = new Pairs(new Random(3), 500, 40, 6, 1, 0);
    CoDirections sketch = pairs.fold(6, 0, 500);
    assertThat(sketch.errorBound()).isZero();
    assertThat(pairs.error(sketch)).isLessThan(pairs.rounding(6));
  }

  /** Steps of halves and doubles are exact, and the bound scales with the product. */
  @Test
  void scalesByPowersOfTwo() {
    Pairs pairs = new Pairs(new Random(4), 300, 20, 30, 1, 0);
    CoDirections sketch = pairs.fold(8, 0, 300);
    byte[] before = bytes(sketch);
    double bound = sketch.errorBound();
    sketch.scale(-5);
    assertThat(sketch.errorBound()).isEqualTo(bound / 32);
    sketch.scale(5);
    assertThat(bytes(sketch)).isEqualTo(before);
  }

  /** What is merged with a power of two counts like a sketch that was scaled before. */
  @Test
  void mergesTimesAPowerOfTwo() {
    Pairs pairs = new Pairs(new Random(6), 300, 20, 30, 1, 0);
    CoDirections direct = pairs.fold(8, 0, 150);
    direct.merge(pairs.fold(8, 150, 300), -4);
    CoDirections scaled = pairs.fold(8, 150, 300);
    scaled.scale(-4);
    CoDirections expected = pairs.fold(8, 0, 150);
    expected.merge(scaled, 0);
    assertThat(bytes(direct)).isEqualTo(bytes(expected));
  }

  @Test
  void readsWhatItWrote() {
    Pairs pairs = new Pairs(new Random(2), 200, 12, 9, 0.4, 0);
    CoDirections sketch = pairs.fold(3, 0, 101);
    CoDirections read = read(bytes(sketch), 12, 9);
    assertThat(bytes(read)).isEqualTo(bytes(sketch));
    pairs.add(sketch, 101, 200, 1);
    pairs.add(read, 101, 200, 1);
    assertThat(bytes(read)).isEqualTo(bytes(sketch));
  }

  @Test
  void refusesHostileBytesOrWorks() {
    Random random = new Random(5);
    byte[] bytes = bytes(new Pairs(random, 51, 4, 3, 0.6, 0).fold(2, 0, 51));
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> read(cut, 4, 3)).isInstanceOf(CorruptSketchException.class);
    }
    int worked = 0;
    for (int trial = 0; trial < 5000; trial++) {
      byte[] changed = bytes.clone();
      for (int i = 0; i < 3; i++) {
        changed[random.nextInt(random.nextBoolean() ? 32 : bytes.length)] =
            (byte) random.nextInt(256);
      }
      CoDirections read;
      try {
        read = read(changed, 4, 3);
      } catch (CorruptSketchException e) {
        continue;
      }
      worked++;
      assertThat(bytes(read)).isEqualTo(changed);
      double[] numerator = new double[3];
      read.addTo(new double[] {1, 1, 1, 1}, numerator);
      for (double each : numerator) {
        assertThat(each).isFinite();
      }
    }
    assertThat(worked).isGreaterThan(100);
  }

  @Test
  void refusesOtherShapes() {
    Pairs pairs = new Pairs(new Random(1), 0, 3, 2, 1, 0);
    CoDirections sketch = pairs.sketch(4);
    assertThatThrownBy(() -> sketch.merge(pairs.sketch(6), 0))
        .isInstanceOf(IncompatibleSketchException.class);
    assertThatThrownBy(() -> new CoDirections(new Whole(3), 3, 2, 4, 23))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new CoDirections(new Whole(3), 3, 2, 0, 24))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
