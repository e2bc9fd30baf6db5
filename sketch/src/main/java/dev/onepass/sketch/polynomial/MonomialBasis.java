package dev.onepass.sketch.polynomial;

import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The features phi of exp: one for each multi-index a with |a| <= degree, {@code phi(x)_a = prod
 * x_l^{a_l} / sqrt(prod a_l!)}, so that {@code <phi(q), phi(k)> = sum_{g <= degree} (q.k)^g / g!}
 * (Alman and Song, arXiv 2302.13214). There are t = binom(d + degree, degree) of them, ordered by
 * |a|.
 *
 * <p>Each feature is an earlier one times one coordinate times a constant, so all of them cost one
 * multiplication or two each.
 */
public final class MonomialBasis {

  /** Those that a sketch uses; the bytes of a sketch may name any. */
  private static final Map<Long, WeakReference<MonomialBasis>> KNOWN = new HashMap<>();

  private final int dim;
  private final int degree;
  private final int[] parent;
  private final int[] variable;
  private final float[] factor;
  private final int[] endOfDegree;

  MonomialBasis(int dim, int degree) {
    this.dim = dim;
    this.degree = degree;
    int size = Math.toIntExact(size(dim, degree));
    parent = new int[size];
    variable = new int[size];
    factor = new float[size];
    endOfDegree = new int[degree + 1];
    endOfDegree[0] = 1;
    int[] power = new int[size];
    int next = 1;
    for (int g = 1; g <= degree; g++) {
      int first = g == 1 ? 0 : endOfDegree[g - 2];
      for (int p = first; p < endOfDegree[g - 1]; p++) {
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

  /** The basis for vectors of length {@code dim}; one object as long as anybody uses it. */
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

  /** binom(dim + degree, degree); {@link Long#MAX_VALUE} if that is no long. */
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

  /** Length d of the vectors. */
  public int dim() {
    return dim;
  }

  /** Largest |a|. */
  public int degree() {
    return degree;
  }

  /** Number of features t. */
  public int size() {
    return parent.length;
  }

  /** Index one past the last feature with |a| <= g. */
  public int endOfDegree(int g) {
    return endOfDegree[g];
  }

  /** Writes weight * phi(x) to {@code out} from {@code offset} on. */
  public void evaluate(float[] x, float weight, float[] out, int offset) {
    out[offset] = weight;
    for (int i = 1; i < parent.length; i++) {
      out[offset + i] = out[offset + parent[i]] * x[variable[i]] * factor[i];
    }
  }

  /** Writes phi(x) in double precision. */
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
