// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.polynomial;

import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The features phi of exp (Alman and Song, arXiv 2302.13214): one for each multi-index a with
 * {@code |a| <= degree}, {@code phi(x)_a = prod x_l^{a_l} / sqrt(prod a_l!)}, so that {@code
 * <phi(q), phi(k)> = sum_{g <= degree} (q.k)^g / g!}. There are t = binom(d + degree, degree) of
 * them, ordered by |a|.
 *
 * <p>Each feature is an earlier feature times one coordinate times a constant, so it costs two
 * multiplications at most.
 */
public final class MonomialBasis {

  /** The bases in use. They are held weakly, because hostile bytes may name any basis. */
  private static final Map<Long, WeakReference<MonomialBasis>> KNOWN = new HashMap<>();

  private final int dim;
  private final int degree;
  private final int[] parent;
  private final int[] variable;
  private final float[] factor;
  private final int[] endOfDegree;

  /** For each feature below the highest degree, the first that is it times one coordinate. */
  private final int[] firstChild;

  MonomialBasis(int dim, int degree) {
    this.dim = dim;
    this.degree = degree;
    int size = Math.toIntExact(size(dim, degree));
    parent = new int[size];
    variable = new int[size];
    factor = new float[size];
    endOfDegree = new int[degree + 1];
    endOfDegree[0] = 1;
    firstChild = new int[Math.toIntExact(size(dim, degree - 1))];
    int[] power = new int[size];
    int next = 1;
    for (int g = 1; g <= degree; g++) {
      int first = g == 1 ? 0 : endOfDegree[g - 2];
      for (int p = first; p < endOfDegree[g - 1]; p++) {
        firstChild[p] = next;
        // Variables in non-decreasing order name every multi-index once.
        for (int l = p == 0 ? 0 : variable[p]; l < dim; l++) {
          power[next] = p > 0 && variable[p] == l ? power[p] + 1 : 1;
          parent[next] = p;
          variable[next] = l;
          factor[next] = (float) (1 / Math.sqrt(power[next]));
          next++;
        }
      }
      endOfDegree[g] = next;
    }
  }

  /**
   * Returns the basis for vectors of length {@code dim}; the same object as long as it is in use.
   *
   * @param dim length d of the vectors, at least 1
   * @param degree largest |a|, at least 1
   */
  public static MonomialBasis of(int dim, int degree) {
    long name = ((long) dim << 32) | degree;
    synchronized (KNOWN) {
      WeakReference<MonomialBasis> reference = KNOWN.get(name);
      MonomialBasis known = reference == null ? null : reference.get();
      if (known == null) {
        known = new MonomialBasis(dim, degree);
        KNOWN.values().removeIf(each -> each.get() == null);
        KNOWN.put(name, new WeakReference<>(known));
      }
      return known;
    }
  }

  /**
   * Returns binom(dim + degree, degree); {@link Long#MAX_VALUE} if it exceeds a long.
   *
   * @param dim length d of the vectors, at least 1
   * @param degree largest |a|, at least 1
   */
  public static long size(int dim, int degree) {
    long size = 1;
    for (int g = 1; g <= degree; g++) {
      long high = Math.multiplyHigh(size, dim + (long) g);
      if (high != 0 || size * (dim + g) < 0) {
        return Long.MAX_VALUE;
      }
      size = size * (dim + g) / g;
    }
    return size;
  }

  /** Returns the length d of the vectors. */
  public int dim() {
    return dim;
  }

  /** Returns the largest |a|. */
  public int degree() {
    return degree;
  }

  /** Returns the number t of features. */
  public int size() {
    return parent.length;
  }

  /**
   * Returns one past the index of the last feature with {@code |a| <= g}.
   *
   * @param g 0 to the degree
   */
  public int endOfDegree(int g) {
    return endOfDegree[g];
  }

  /**
   * Returns the feature that is a feature times one coordinate.
   *
   * @param feature index of a feature below the highest degree
   * @param l a coordinate, not below those of the feature
   */
  public int child(int feature, int l) {
    return firstChild[feature] + l - (feature == 0 ? 0 : variable[feature]);
  }

  /**
   * Returns the constant by which a feature differs from the product of its parent and coordinate.
   *
   * @param feature index of a feature, above 0
   */
  public float factor(int feature) {
    return factor[feature];
  }

  /**
   * Writes weight * phi(x), t numbers.
   *
   * @param x vector, d numbers
   * @param weight factor of all features
   * @param out receives the features
   * @param offset where the features begin in {@code out}
   */
  public void evaluate(float[] x, float weight, float[] out, int offset) {
    out[offset] = weight;
    for (int i = 1; i < parent.length; i++) {
      out[offset + i] = out[offset + parent[i]] * x[variable[i]] * factor[i];
    }
  }

  /**
   * Writes phi(x) in double precision, t numbers.
   *
   * @param x vector, d numbers
   * @param out receives the features
   */
  public void evaluate(double[] x, double[] out) {
    out[0] = 1;
    for (int i = 1; i < parent.length; i++) {
      out[i] = out[parent[i]] * x[variable[i]] * factor[i];
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MonomialBasis basis && basis.dim == dim && basis.degree == degree;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(new int[] {dim, degree});
  }
}
