// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.codirections;

import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;

/**
 * Co-occurring directions (Mroueh, Marcheret and Goel, AISTATS 2017): X Y' ~ B_X B_Y', where B_X
 * and B_Y have l columns each. A pair (x, y) takes an empty column. If none is left, the columns
 * are rotated to the singular vectors of B_X B_Y', all singular values are reduced by the (l/2)-th
 * one, and at least half of the columns become empty.
 *
 * <p>Error. A reduction by delta changes the product by delta in spectral norm and reduces the sum
 * of its singular values by at least delta l / 2, while a pair increases that sum by at most
 * |x||y|. So the sum of all deltas, {@link #errorBound}, is at most {@code 2 / l sum_j |x_j||y_j|
 * <= 2 |X|_F |Y|_F / l}. It bounds the error, also after a merge, because the sums add up. For
 * comparison, Psi with m2 buckets has an error of about {@code |X|_F |Y|_F sqrt(2 / m2)}, and only
 * on average. A pair is retracted by adding (-x, y): exact until directions are dropped, and
 * counted in the bound as another pair.
 *
 * <p>The state is float32. The work is done in double precision, once every l/2 pairs: a QR
 * decomposition of both sides and the singular values of an l x l matrix.
 *
 * <p>Bytes, little-endian: left dim (i4), right dim (i4), l (i4), used columns (i4), error bound
 * (f8), sum of |x||y| (f8), left columns (l x left dim x f4), right columns (l x right dim x f4);
 * empty columns are zero.
 *
 * <p>Not safe for use by several threads.
 */
public final class CoDirections {

  private static final int FIXED_BYTES = 4 * 4 + 2 * 8;

  private final int leftDim;
  private final int rightDim;
  private final int columns;
  private final float[] left;
  private final float[] right;
  private int used;
  private double dropped;
  private double mass;

  /**
   * Makes an empty sketch.
   *
   * @param leftDim length of x
   * @param rightDim length of y
   * @param columns number of columns l, even and at least 2
   * @throws IllegalArgumentException if {@code columns} is odd or below 2
   */
  public CoDirections(int leftDim, int rightDim, int columns) {
    this(
        leftDim,
        rightDim,
        columns,
        new float[Math.multiplyExact(columns, leftDim)],
        new float[Math.multiplyExact(columns, rightDim)]);
    if (columns < 2 || columns % 2 != 0) {
      throw new IllegalArgumentException("columns must be even and at least 2, got " + columns);
    }
  }

  private CoDirections(int leftDim, int rightDim, int columns, float[] left, float[] right) {
    this.leftDim = leftDim;
    this.rightDim = rightDim;
    this.columns = columns;
    this.left = left;
    this.right = right;
  }

  /**
   * Returns the bytes of a sketch: 32 + 4 l (left dim + right dim).
   *
   * @param leftDim length of x
   * @param rightDim length of y
   * @param columns number of columns l
   */
  public static long bytes(int leftDim, int rightDim, int columns) {
    return FIXED_BYTES + (long) Float.BYTES * columns * ((long) leftDim + rightDim);
  }

  /** Returns the length of x. */
  public int leftDim() {
    return leftDim;
  }

  /** Returns the length of y. */
  public int rightDim() {
    return rightDim;
  }

  /** Returns the number of columns l. */
  public int columns() {
    return columns;
  }

  /**
   * Returns a bound on the spectral norm of X Y' - B_X B_Y' that always holds, apart from float
   * rounding.
   */
  public double errorBound() {
    return dropped;
  }

  /** Returns sum_j |x_j||y_j|, at most |X|_F |Y|_F. */
  public double mass() {
    return mass;
  }

  /**
   * Adds the product x y'.
   *
   * @param x array with the finite vector x
   * @param xOffset index of the first entry of x
   * @param y array with the finite vector y
   * @param yOffset index of the first entry of y
   */
  public void add(float[] x, int xOffset, float[] y, int yOffset) {
    mass += norm(x, xOffset, leftDim) * norm(y, yOffset, rightDim);
    append(x, xOffset, y, yOffset);
  }

  private void append(float[] x, int xOffset, float[] y, int yOffset) {
    if (used == columns) {
      shrink();
    }
    System.arraycopy(x, xOffset, left, used * leftDim, leftDim);
    System.arraycopy(y, yOffset, right, used * rightDim, rightDim);
    used++;
  }

  /**
   * Adds everything that another sketch holds. The other sketch is not changed.
   *
   * @param other a sketch with the same dimensions and number of columns
   * @throws IncompatibleSketchException if the dimensions or the numbers of columns differ
   */
  public void merge(CoDirections other) {
    if (other.leftDim != leftDim || other.rightDim != rightDim || other.columns != columns) {
      throw new IncompatibleSketchException(
          "Cannot merge co-occurring directions: dimensions and columns must be equal.");
    }
    for (int i = 0; i < other.used; i++) {
      append(other.left, i * leftDim, other.right, i * rightDim);
    }
    dropped += other.dropped;
    mass += other.mass;
  }

  /**
   * Adds a product that is already factored as B_X B_Y'.
   *
   * @param x columns of B_X, one after the other
   * @param y columns of B_Y, one after the other
   * @param count number of columns
   * @param productMass sum of |x||y| over the pairs of the product
   * @param error bound on the spectral norm of the part that the factors lack
   */
  void append(float[] x, float[] y, int count, double productMass, double error) {
    for (int i = 0; i < count; i++) {
      append(x, i * leftDim, y, i * rightDim);
    }
    mass += productMass;
    dropped += error;
  }

  private static double norm(float[] x, int offset, int count) {
    double squares = 0;
    for (int i = 0; i < count; i++) {
      squares += (double) x[offset + i] * x[offset + i];
    }
    return Math.sqrt(squares);
  }

  /**
   * Reduces the singular values of B_X B_Y' by the (l/2)-th one, and empties the columns of the
   * others.
   */
  private void shrink() {
    ProductSvd.Product product =
        ProductSvd.svdOfProduct(
            ProductSvd.columns(left, leftDim, used), ProductSvd.columns(right, rightDim, used));
    double[] values = product.values();
    double delta = values.length < columns / 2 ? 0 : values[columns / 2 - 1];
    Arrays.fill(left, 0);
    Arrays.fill(right, 0);
    int kept = 0;
    while (kept < values.length && values[kept] > delta) {
      double root = Math.sqrt(values[kept] - delta);
      copy(product.left(), kept, root, left, leftDim);
      copy(product.right(), kept, root, right, rightDim);
      kept++;
    }
    used = kept;
    dropped += delta;
  }

  private static void copy(DMatrixRMaj from, int column, double factor, float[] to, int dim) {
    for (int i = 0; i < dim; i++) {
      double x = factor * from.get(i, column);
      to[column * dim + i] = (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, x));
    }
  }

  /**
   * Adds {@code features' B_X B_Y'} to a numerator, as an answer to a query with these features.
   *
   * @param features features of the query, left dim numbers
   * @param numerator receives the sum, right dim numbers
   */
  public void addTo(double[] features, double[] numerator) {
    for (int i = 0; i < used; i++) {
      double weight = 0;
      for (int r = 0; r < leftDim; r++) {
        weight += features[r] * left[i * leftDim + r];
      }
      for (int c = 0; c < rightDim; c++) {
        numerator[c] += weight * right[i * rightDim + c];
      }
    }
  }

  /** Returns the exact length of {@link #toByteArray()}. */
  public int stateBytes() {
    return Math.toIntExact(bytes(leftDim, rightDim, columns));
  }

  /** Returns the whole state. */
  public byte[] toByteArray() {
    WireWriter out = new WireWriter(stateBytes());
    out.putInt(leftDim);
    out.putInt(rightDim);
    out.putInt(columns);
    out.putInt(used);
    out.putDouble(dropped);
    out.putDouble(mass);
    out.putFloats(left, left.length);
    out.putFloats(right, right.length);
    return out.toByteArray();
  }

  /**
   * Reads what {@link #toByteArray} wrote.
   *
   * @param bytes the state
   * @return the sketch
   * @throws CorruptSketchException if the bytes are not a sketch of this class; memory stays
   *     bounded by a small multiple of {@code bytes.length}
   */
  public static CoDirections heapify(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    int leftDim = in.getInt("left dim", 1, 1 << 28);
    int rightDim = in.getInt("right dim", 1, 1 << 28);
    int columns = in.getInt("columns", 2, 1 << 28);
    int used = in.getInt("used columns", 0, columns);
    double dropped = in.getDouble();
    double mass = in.getDouble();
    if (columns % 2 != 0 || !(dropped >= 0) || !(mass >= 0)) {
      throw new CorruptSketchException(
          "columns are %d, error is %s and mass is %s; expected an even number, and error and mass at least 0"
              .formatted(columns, dropped, mass));
    }
    in.require((long) Float.BYTES * columns * leftDim);
    float[] left = in.getFloats(Math.multiplyExact(columns, leftDim));
    in.require((long) Float.BYTES * columns * rightDim);
    float[] right = in.getFloats(Math.multiplyExact(columns, rightDim));
    in.expectEnd();
    CoDirections sketch = new CoDirections(leftDim, rightDim, columns, left, right);
    sketch.used = used;
    sketch.dropped = dropped;
    sketch.mass = mass;
    return sketch;
  }
}
