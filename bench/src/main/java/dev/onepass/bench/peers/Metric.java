// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.sketch.simd.Kernels;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * The quadratic form |x|^2 = x' M x of a positive definite matrix M as Euclidean lengths: a vector
 * x is mapped to R x with R R = M.
 */
final class Metric {

  /** Smallest eigenvalue of M relative to the largest one, so that R has an inverse. */
  private static final double LEAST = 1e-6;

  /** Rows summed in floats at a time. */
  private static final int CHUNK = 256;

  private final int dim;
  private final float[] root;
  private final float[] inverse;

  private Metric(int dim, double[] form) {
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(dim, true, true);
    if (!eigen.decompose(new DMatrixRMaj(dim, dim, true, form))) {
      throw new IllegalArgumentException("the eigenvalues of a covariance did not converge");
    }
    double largest = 0;
    for (int e = 0; e < dim; e++) {
      largest = Math.max(largest, eigen.getEigenvalue(e).getReal());
    }
    // A form of zeros, in which all vectors are the same, counts as plain.
    double least = largest > 0 ? LEAST * largest : 1;
    this.dim = dim;
    this.root = new float[dim * dim];
    this.inverse = new float[dim * dim];
    for (int e = 0; e < dim; e++) {
      double size = Math.sqrt(Math.max(eigen.getEigenvalue(e).getReal(), least));
      double[] vector = eigen.getEigenVector(e).data;
      for (int i = 0; i < dim * dim; i++) {
        double both = vector[i / dim] * vector[i % dim];
        root[i] += (float) (both * size);
        inverse[i] += (float) (both / size);
      }
    }
  }

  /** Returns the Euclidean metric. */
  static Metric plain(int dim) {
    double[] identity = new double[dim * dim];
    for (int i = 0; i < dim; i++) {
      identity[i * dim + i] = 1;
    }
    return new Metric(dim, identity);
  }

  /** Returns the metric of M = E x x' over some rows. */
  static Metric ofSecondMoment(float[] rows, int dim) {
    return new Metric(dim, secondMoment(rows, dim));
  }

  /** Returns the metric of M = Cov(x) over some rows. */
  static Metric ofCovariance(float[] rows, int dim) {
    double[] mean = mean(rows, dim);
    double[] form = secondMoment(rows, dim);
    for (int i = 0; i < form.length; i++) {
      form[i] -= mean[i / dim] * mean[i % dim];
    }
    return new Metric(dim, form);
  }

  /** Returns the mean of some rows. */
  static double[] mean(float[] rows, int dim) {
    double[] mean = new double[dim];
    for (int i = 0; i < rows.length; i++) {
      mean[i % dim] += rows[i] * (double) dim / rows.length;
    }
    return mean;
  }

  private static double[] secondMoment(float[] rows, int dim) {
    int n = rows.length / dim;
    double[] form = new double[dim * dim];
    for (int from = 0; from < n; from += CHUNK) {
      int some = Math.min(CHUNK, n - from);
      float[] part = Arrays.copyOfRange(rows, from * dim, (from + some) * dim);
      float[] products = new float[form.length];
      Kernels.addTransposedProduct(part, dim, part, dim, some, products);
      for (int i = 0; i < form.length; i++) {
        form[i] += products[i] / (double) n;
      }
    }
    return form;
  }

  /** Returns the bytes of R, 4 for each number. */
  long bytes() {
    return (long) Float.BYTES * root.length;
  }

  /** Returns rows, mapped. */
  float[] mapped(float[] rows) {
    return times(rows, root);
  }

  /** Returns the rows that are mapped to the given ones. */
  float[] unmapped(float[] rows) {
    return times(rows, inverse);
  }

  private float[] times(float[] rows, float[] matrix) {
    float[] product = new float[rows.length];
    Kernels.addProduct(rows, rows.length / dim, dim, matrix, dim, product);
    return product;
  }
}
