// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.codirections;

import dev.onepass.sketch.numerics.SplitMix64;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;

/**
 * Co-occurring directions of sparse pairs (Wan and Zhang, arXiv 2009.03527). A buffer collects
 * pairs as indexes and entries until it has about as many entries as the sketch. Then subspace
 * iteration reduces the product X Y' of the buffer to l columns, which are added to a {@link
 * CoDirections}. It only multiplies by X and Y, so its cost depends on the number of entries and
 * not on the dimensions. This suits keys with few features other than 0.
 *
 * <p>With Q the orthonormal basis in which the iteration ends, the product of the buffer is
 * replaced by Q Q' X Y'. The lost part is at most its Frobenius norm, sqrt(|XY'|_F^2 -
 * |Q'XY'|_F^2), and with high probability about the (l+1)-th singular value, which is no worse than
 * what the dense form drops. It is not included in {@link CoDirections#errorBound}.
 *
 * <p>Not safe for use by several threads.
 */
public final class SparseCoDirections {

  /** Number of multiplications by X Y' and by its transpose. */
  private static final int ITERATIONS = 4;

  private final CoDirections sketch;
  private final long seed;
  private final int capacity;
  private final SparseRows left = new SparseRows();
  private final SparseRows right = new SparseRows();
  private double mass;
  private long flushes;

  /**
   * Makes an empty sketch.
   *
   * @param leftDim length of x
   * @param rightDim length of y
   * @param columns number of columns l, even and at least 2
   * @param seed seed of the initial basis of subspace iterations
   * @throws IllegalArgumentException if {@code columns} is odd or below 2
   */
  public SparseCoDirections(int leftDim, int rightDim, int columns, long seed) {
    this.sketch = new CoDirections(leftDim, rightDim, columns);
    this.seed = seed;
    this.capacity = Math.multiplyExact(columns, Math.addExact(leftDim, rightDim));
  }

  /**
   * Adds the product x y'.
   *
   * @param xIndices indexes of the entries of x, each in 0 .. left dim - 1, without duplicates
   * @param x entries of x at these indexes
   * @param yIndices indexes of the entries of y, each in 0 .. right dim - 1, without duplicates
   * @param y entries of y at these indexes
   * @throws IllegalArgumentException if an index is out of range, or if the numbers of indexes and
   *     of entries differ; nothing is added then
   */
  public void add(int[] xIndices, float[] x, int[] yIndices, float[] y) {
    SparseRows.check(xIndices, x, sketch.leftDim());
    SparseRows.check(yIndices, y, sketch.rightDim());
    mass += left.add(xIndices, x) * right.add(yIndices, y);
    int mostRows = Math.max(sketch.leftDim(), sketch.rightDim());
    if (left.entries() + right.entries() >= capacity || left.rows() >= mostRows) {
      flush();
    }
  }

  /**
   * Returns the sketch of all added pairs, after it has emptied the buffer into it.
   *
   * @return the sketch, not a copy
   */
  public CoDirections toSketch() {
    flush();
    return sketch;
  }

  private void flush() {
    if (left.rows() == 0) {
      return;
    }
    int width = Math.min(sketch.columns(), Math.min(sketch.leftDim(), sketch.rightDim()));
    DMatrixRMaj start = new DMatrixRMaj(sketch.rightDim(), width);
    long random = SplitMix64.mix(seed + flushes++);
    for (int i = 0; i < start.getNumElements(); i++) {
      // Uniform in (-1, 1); any basis works that lacks no direction.
      start.set(i, (SplitMix64.mix(random + i) >> 11) * 0x1p-52);
    }
    DMatrixRMaj basis = ProductSvd.basis(product(left, right, start, sketch.leftDim()));
    for (int i = 0; i < ITERATIONS; i++) {
      DMatrixRMaj other = ProductSvd.basis(product(right, left, basis, sketch.rightDim()));
      basis = ProductSvd.basis(product(left, right, other, sketch.leftDim()));
    }
    DMatrixRMaj image = product(right, left, basis, sketch.rightDim());
    sketch.append(floats(basis), floats(image), width, mass, 0);
    left.clear();
    right.clear();
    mass = 0;
  }

  private static float[] floats(DMatrixRMaj matrix) {
    float[] columns = new float[matrix.getNumElements()];
    for (int c = 0; c < matrix.getNumCols(); c++) {
      for (int i = 0; i < matrix.getNumRows(); i++) {
        columns[c * matrix.getNumRows() + i] = (float) matrix.get(i, c);
      }
    }
    return columns;
  }

  /** Returns A' B m for sparse rows A (n x dim) and B (n x rows of m): sum_j a_j (b_j' m). */
  private static DMatrixRMaj product(SparseRows a, SparseRows b, DMatrixRMaj m, int dim) {
    int width = m.getNumCols();
    DMatrixRMaj product = new DMatrixRMaj(dim, width);
    double[] row = new double[width];
    for (int j = 0; j < a.rows(); j++) {
      Arrays.fill(row, 0);
      for (int e = b.begin(j); e < b.begin(j + 1); e++) {
        for (int c = 0; c < width; c++) {
          row[c] += b.value(e) * m.data[b.index(e) * width + c];
        }
      }
      for (int e = a.begin(j); e < a.begin(j + 1); e++) {
        for (int c = 0; c < width; c++) {
          product.data[a.index(e) * width + c] += a.value(e) * row[c];
        }
      }
    }
    return product;
  }
}
