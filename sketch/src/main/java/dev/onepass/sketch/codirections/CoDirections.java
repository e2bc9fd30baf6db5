// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.codirections;

import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.numerics.SplitMix64;
import dev.onepass.sketch.simd.Kernels;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.decomposition.qr.QRDecompositionHouseholderColumn_DDRM;
import org.ejml.dense.row.decomposition.svd.SvdImplicitQrDecompose_DDRM;

/**
 * Sparse co-occurring directions (Wan and Zhang, arXiv 2009.03527; for dense pairs Mroueh,
 * Marcheret and Goel, AISTATS 2017): sum_j x_j y_j' ~ B_X B_Y' with l columns each, plus a buffer
 * of the newest pairs. Pairs wait in the buffer, of which only entries other than 0 are kept, until
 * its bytes are used up. Then subspace iteration reduces the columns and the buffer to l columns.
 * It only multiplies by the pairs, so the time for a pair is in proportion to its entries other
 * than 0, apart from a share of the time for the columns.
 *
 * <p>Error. A reduction finds the singular values of the product. It drops those from number l + 1
 * on, and subtracts the (l+1)-th, delta, from those behind the (l/2)-th. So the product changes by
 * delta in spectral norm, and the sum of its singular values falls by at least delta (l/2 + 1). A
 * pair raises that sum by at most |x||y|. So all deltas together are at most {@code 2 / l sum_j
 * |x_j||y_j| <= 2 |X|_F |Y|_F / l}. If the length of y exceeds the width of the iteration, the
 * product also loses what lies outside the subspace V that the iteration finds: at most {@code
 * sqrt(|M|_F^2 - |M V|_F^2)}. {@link #errorBound} is the sum of both over all reductions. It bounds
 * the error also after a merge, because the sums add up. For comparison, Psi with m2 buckets has an
 * error of about {@code |X|_F |Y|_F sqrt(2 / m2)}, and only on average. A pair is retracted by
 * adding (x, -y): exact until directions are dropped, and counted in the bound as another pair.
 *
 * <p>If l reaches the length of y, nothing is dropped.
 *
 * <p>Bytes, little-endian: l (i4), bytes of the buffer (i4), used columns (i4), pairs in the buffer
 * (i4), error bound (f8), sum of |x||y| (f8), B_X (left dim x used x f4), B_Y' (used x right dim x
 * f4), then of each pair the {@link SparseRows} of the key and of the value.
 *
 * <p>Not safe for use by several threads.
 */
public final class CoDirections {

  private static final int FIXED_BYTES = 4 * 4 + 2 * 8;

  /** The most directions that the iteration follows in addition to those that are kept. */
  private static final int MOST_EXTRA = 8;

  /** Number of multiplications by M and by its transpose. */
  private static final int ITERATIONS = 3;

  /** Singular values below this share of the largest are rounding. */
  private static final double ROUNDING = 1e-7;

  private final RowFeatures features;
  private final int rightDim;
  private final int columns;
  private final int bufferBytes;
  private final SparseRows keys;
  private final SparseRows values;
  private float[] left = {};
  private float[] right = {};
  private int used;
  private int buffered;
  private double dropped;
  private double mass;

  /**
   * Makes an empty sketch.
   *
   * @param features makes x of the rows of the buffer
   * @param rowDim length of these rows, 1 to 65535
   * @param rightDim length of y, 1 to 65535
   * @param columns number of columns l, at least 1
   * @param bufferBytes bytes of the buffer, at least {@link #leastBufferBytes}
   * @throws IllegalArgumentException if {@code columns} or {@code bufferBytes} is too small
   */
  public CoDirections(
      RowFeatures features, int rowDim, int rightDim, int columns, int bufferBytes) {
    if (columns < 1 || bufferBytes < leastBufferBytes(rowDim, rightDim)) {
      throw new IllegalArgumentException(
          "Columns and bytes of the buffer: expected at least 1 and %d, got %d and %d."
              .formatted(leastBufferBytes(rowDim, rightDim), columns, bufferBytes));
    }
    this.features = features;
    this.rightDim = rightDim;
    this.columns = columns;
    this.bufferBytes = bufferBytes;
    this.keys = new SparseRows(rowDim);
    this.values = new SparseRows(rightDim);
  }

  /**
   * Returns the bytes of a buffer that holds any one pair.
   *
   * @param rowDim length of the rows that x is made of
   * @param rightDim length of y
   */
  public static long leastBufferBytes(int rowDim, int rightDim) {
    return SparseRows.mostBytes(rowDim) + SparseRows.mostBytes(rightDim);
  }

  /**
   * Returns the largest number of bytes of a sketch: 32 + 4 l (left dim + right dim) + buffer.
   *
   * @param leftDim length of x
   * @param rightDim length of y
   * @param columns number of columns l
   * @param bufferBytes bytes of the buffer
   */
  public static double mostBytes(long leftDim, int rightDim, int columns, long bufferBytes) {
    return FIXED_BYTES + (double) Float.BYTES * columns * (leftDim + rightDim) + bufferBytes;
  }

  /** Returns the number of columns l. */
  public int columns() {
    return columns;
  }

  /**
   * Returns a bound on the spectral norm of the difference between the product of all pairs and
   * what is kept. It always holds, apart from float rounding.
   */
  public double errorBound() {
    return dropped;
  }

  /** Returns sum_j |x_j||y_j|, at most |X|_F |Y|_F. */
  public double mass() {
    return mass;
  }

  /**
   * Adds the product x y', where x are the features of a row.
   *
   * @param rows rows of the length that x is made of
   * @param row number of the row, from 0
   * @param xNorm the norm |x| of its features
   * @param y the finite vector y
   */
  public void add(SparseRows rows, int row, double xNorm, float[] y) {
    keys.add(rows, row);
    values.add(y, 0);
    mass += xNorm * values.norm(values.rows() - 1);
    settleLast();
  }

  /** Reduces the pairs before the last one if the last one exceeds the bytes of the buffer. */
  private void settleLast() {
    int last = keys.rows() - 1;
    int bytes = keys.bytes(last) + values.bytes(last);
    if (buffered + bytes <= bufferBytes) {
      buffered += bytes;
      return;
    }
    SparseRows key = new SparseRows(keys.dim());
    SparseRows value = new SparseRows(rightDim);
    key.add(keys, last);
    value.add(values, last);
    keys.removeLast();
    values.removeLast();
    reduce();
    keys.add(key, 0);
    values.add(value, 0);
    buffered = bytes;
  }

  /**
   * Checks that another sketch can be merged.
   *
   * @param other another sketch of equal features
   * @throws IncompatibleSketchException if lengths or numbers of columns differ
   */
  public void requireSameShape(CoDirections other) {
    if (other.features.dim() != features.dim()
        || other.keys.dim() != keys.dim()
        || other.rightDim != rightDim
        || other.columns != columns) {
      throw new IncompatibleSketchException(
          "Cannot merge co-occurring directions: dimensions and columns must be equal.");
    }
  }

  /**
   * Adds everything that another sketch holds, times a power of two. The other sketch does not
   * change.
   *
   * @param other a sketch of equal features, lengths and number of columns
   * @param power exponent of the power of two, at most 0
   * @throws IncompatibleSketchException if lengths or numbers of columns differ
   */
  public void merge(CoDirections other, int power) {
    requireSameShape(other);
    for (int j = 0; j < other.keys.rows(); j++) {
      keys.add(other.keys, j);
      values.add(other.values, j, power);
      settleLast();
    }
    int both = used + other.used;
    if (other.used > 0) {
      left = beside(other, both);
      right = Arrays.copyOf(right, both * rightDim);
      for (int i = 0; i < other.right.length; i++) {
        right[used * rightDim + i] = Math.scalb(other.right[i], power);
      }
      used = both;
    }
    dropped += Math.scalb(other.dropped, power);
    mass += Math.scalb(other.mass, power);
    if (used > columns) {
      reduce();
    }
  }

  /** Returns B_X with the columns of another sketch to the right of its own. */
  private float[] beside(CoDirections other, int both) {
    float[] wide = new float[Math.multiplyExact(features.dim(), both)];
    for (int r = 0; r < features.dim(); r++) {
      System.arraycopy(left, r * used, wide, r * both, used);
      System.arraycopy(other.left, r * other.used, wide, r * both + used, other.used);
    }
    return wide;
  }

  /**
   * Multiplies the product of all pairs by a power of two, exactly unless numbers leave the range
   * of floats. Only y and B_Y are multiplied.
   *
   * @param power exponent of the power of two
   */
  public void scale(int power) {
    if (power == 0) {
      return;
    }
    for (int i = 0; i < right.length; i++) {
      right[i] = Math.scalb(right[i], power);
    }
    values.scale(power);
    dropped = Math.scalb(dropped, power);
    mass = Math.scalb(mass, power);
  }

  /** Reduces the columns and the buffer to at most l columns, and empties the buffer. */
  private void reduce() {
    Product product = new Product(left, right, used, features, keys, values);
    int wanted = columns + Math.min(columns, MOST_EXTRA);
    int width = Math.min(wanted, Math.min(rightDim, features.dim()));
    double[] v;
    double[] z;
    if (rightDim <= 2 * width) {
      // The whole product is hardly wider than the iteration, and needs none.
      width = rightDim;
      v = identity(width);
      z = product.times(v, width);
    } else {
      v = start(width);
      for (int i = 0; i < ITERATIONS; i++) {
        v = basis(product.transposedTimes(product.times(v, width), width), width);
      }
      z = product.times(v, width);
      dropped += Math.sqrt(Math.max(0, product.squares(width) - Product.squares(z)));
    }
    replace(z, v, width);
    keys.clear();
    values.clear();
    buffered = 0;
  }

  private static double[] identity(int width) {
    double[] identity = new double[width * width];
    for (int c = 0; c < width; c++) {
      identity[c * width + c] = 1;
    }
    return identity;
  }

  /** Returns a basis to begin with: what is known of the directions, and random ones. */
  private double[] start(int width) {
    double[] start = new double[rightDim * width];
    for (int c = 0; c < rightDim; c++) {
      for (int i = 0; i < width; i++) {
        // Uniform in (-1, 1); any basis works that lacks no direction.
        start[c * width + i] =
            i < used
                ? right[i * rightDim + c]
                : (SplitMix64.mix((long) c * width + i) >> 11) * 0x1p-52;
      }
    }
    return basis(start, width);
  }

  /** Returns an orthonormal basis of the span of the columns, in as many columns. */
  private static double[] basis(double[] matrix, int width) {
    double largest = 0;
    for (double x : matrix) {
      largest = Math.max(largest, Math.abs(x));
    }
    DMatrixRMaj scaled = new DMatrixRMaj(matrix.length / width, width);
    for (int i = 0; i < matrix.length && largest > 0; i++) {
      scaled.data[i] = matrix[i] / largest;
    }
    QRDecompositionHouseholderColumn_DDRM qr = new QRDecompositionHouseholderColumn_DDRM();
    // The result is false if columns are linearly dependent; Q is orthonormal in any case.
    qr.decompose(scaled);
    return qr.getQ(null, true).data;
  }

  /**
   * Replaces the columns by the largest singular directions of z v'.
   *
   * @param z left dim x width
   * @param v right dim x width, with orthonormal columns
   */
  private void replace(double[] z, double[] v, int width) {
    double largest = 0;
    for (double x : z) {
      largest = Math.max(largest, Math.abs(x));
    }
    if (!(largest > 0)) {
      used = 0;
      left = new float[0];
      right = new float[0];
      return;
    }
    // The squares of the singular values, relative to the largest entry, so that none overflows.
    DMatrixRMaj gram = gram(z, width, largest);
    SvdImplicitQrDecompose_DDRM svd = new SvdImplicitQrDecompose_DDRM(true, true, false, false);
    if (!svd.decompose(gram)) {
      throw new IllegalStateException("The singular values did not converge.");
    }
    int[] order = descending(svd.getSingularValues(), width);
    double[] sigma = new double[width];
    for (int i = 0; i < width; i++) {
      sigma[i] = Math.sqrt(Math.max(0, svd.getSingularValues()[order[i]]));
    }
    double delta = width > columns ? sigma[columns] : 0;
    int kept = 0;
    while (kept < Math.min(columns, width)
        && sigma[kept] > Math.max(ROUNDING * sigma[0], kept < columns / 2 ? 0 : delta)) {
      kept++;
    }
    dropped += delta * largest;
    DMatrixRMaj directions = svd.getU(null, false);
    double[] toLeft = new double[width * kept];
    double[] toRight = new double[width * kept];
    for (int i = 0; i < kept; i++) {
      double root = Math.sqrt((sigma[i] - (i < columns / 2 ? 0 : delta)) * largest);
      for (int c = 0; c < width; c++) {
        double direction = directions.get(c, order[i]);
        toLeft[c * kept + i] = direction * (root / (sigma[i] * largest));
        toRight[c * kept + i] = direction * root;
      }
    }
    left = floats(z, width, toLeft, kept);
    right = transposed(floats(v, width, toRight, kept), kept);
    used = kept;
  }

  private static DMatrixRMaj gram(double[] z, int width, double unit) {
    DMatrixRMaj gram = new DMatrixRMaj(width, width);
    double[] row = new double[width];
    for (int at = 0; at < z.length; at += width) {
      for (int c = 0; c < width; c++) {
        row[c] = z[at + c] / unit;
      }
      for (int c = 0; c < width; c++) {
        for (int i = 0; i < width; i++) {
          gram.data[c * width + i] += row[c] * row[i];
        }
      }
    }
    return gram;
  }

  private static int[] descending(double[] values, int count) {
    Integer[] order = new Integer[count];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(values[b], values[a]));
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }

  /** Returns the product of rows of {@code width} numbers with a matrix width x columns. */
  private static float[] floats(double[] rows, int width, double[] matrix, int columns) {
    float[] product = new float[rows.length / width * columns];
    double[] row = new double[columns];
    for (int r = 0; r < rows.length / width; r++) {
      Arrays.fill(row, 0);
      for (int c = 0; c < width; c++) {
        for (int i = 0; i < columns; i++) {
          row[i] += rows[r * width + c] * matrix[c * columns + i];
        }
      }
      for (int i = 0; i < columns; i++) {
        product[r * columns + i] =
            (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, row[i]));
      }
    }
    return product;
  }

  private static float[] transposed(float[] matrix, int columns) {
    int rows = columns == 0 ? 0 : matrix.length / columns;
    float[] transposed = new float[matrix.length];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < columns; i++) {
        transposed[i * rows + r] = matrix[r * columns + i];
      }
    }
    return transposed;
  }

  /**
   * Adds {@code query' sum_j x_j y_j'} to a numerator, as an answer to a query with these features.
   *
   * @param query features of the query, left dim numbers
   * @param numerator receives the sum, right dim numbers
   */
  public void addTo(double[] query, double[] numerator) {
    if (used > 0) {
      double[] weights = new double[used];
      Kernels.addWeightedRows(query, left, features.dim(), used, weights);
      Kernels.addWeightedRows(weights, right, used, rightDim, numerator);
    }
    for (int j = 0; j < keys.rows(); j++) {
      double weight = features.dot(query, keys, j);
      for (int e = values.begin(j); e < values.begin(j + 1); e++) {
        numerator[values.index(e)] += weight * values.value(e);
      }
    }
  }

  /**
   * Writes one column of {@code sum_j x_j y_j'}.
   *
   * @param c number of the column, from 0
   * @param column receives left dim numbers
   */
  public void product(int c, double[] column) {
    double[] unit = new double[rightDim];
    unit[c] = 1;
    double[] product = new Product(left, right, used, features, keys, values).times(unit, 1);
    System.arraycopy(product, 0, column, 0, product.length);
  }

  /** Returns the exact number of bytes that {@link #write} writes. */
  public long bytes() {
    return FIXED_BYTES + (long) Float.BYTES * (left.length + right.length) + buffered;
  }

  /**
   * Writes the whole state.
   *
   * @param out receives the bytes
   */
  public void write(WireWriter out) {
    out.putInt(columns);
    out.putInt(bufferBytes);
    out.putInt(used);
    out.putInt(keys.rows());
    out.putDouble(dropped);
    out.putDouble(mass);
    out.putFloats(left, left.length);
    out.putFloats(right, right.length);
    for (int j = 0; j < keys.rows(); j++) {
      keys.write(j, out);
      values.write(j, out);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param in the bytes
   * @param features makes x of the rows of the buffer
   * @param rowDim length of these rows
   * @param rightDim length of y
   * @return the sketch
   * @throws CorruptSketchException if the bytes are not a sketch of this class; memory stays
   *     bounded by a small multiple of the bytes
   */
  public static CoDirections read(WireReader in, RowFeatures features, int rowDim, int rightDim) {
    int columns = in.getInt("columns", 1, 1 << 16);
    int least = Math.toIntExact(leastBufferBytes(rowDim, rightDim));
    int bufferBytes = in.getInt("bytes of the buffer", least, Integer.MAX_VALUE);
    int used = in.getInt("used columns", 0, columns);
    int pairs = in.getInt("pairs in the buffer", 0, bufferBytes);
    CoDirections sketch = new CoDirections(features, rowDim, rightDim, columns, bufferBytes);
    sketch.dropped = in.getDouble();
    sketch.mass = in.getDouble();
    if (!(sketch.dropped >= 0) || !(sketch.mass >= 0)) {
      throw new CorruptSketchException(
          "error and mass: expected at least 0, got %s and %s"
              .formatted(sketch.dropped, sketch.mass));
    }
    in.require((long) Float.BYTES * used * ((long) features.dim() + rightDim));
    sketch.used = used;
    sketch.left = in.getFloats(used * features.dim());
    sketch.right = in.getFloats(used * rightDim);
    for (int j = 0; j < pairs; j++) {
      sketch.keys.read(in);
      sketch.values.read(in);
      sketch.buffered += sketch.keys.bytes(j) + sketch.values.bytes(j);
      if (sketch.buffered > bufferBytes) {
        throw new CorruptSketchException(
            "pairs in the buffer: expected at most %d bytes".formatted(bufferBytes));
      }
    }
    return sketch;
  }
}
