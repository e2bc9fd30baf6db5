// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.UnfitConfigException;
import dev.onepass.sketch.codirections.CoDirections;
import dev.onepass.sketch.polynomial.FeatureDegree;
import dev.onepass.sketch.polynomial.MonomialBasis;
import dev.onepass.sketch.polynomial.TaylorPolynomial;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The sizes that a configuration leads to, and the division of its bytes between the token side and
 * the query side.
 *
 * <p>The degree is chosen first: the highest even degree, up to the wanted one, that leaves room
 * for a query side of k sparse columns with eps1 = 0.5, or for a query side of half the bytes. So a
 * high degree never starves recovery, nor the reverse. In the forms paper and moments, whose query
 * side is t wide, at least a quarter of k must remain as well. If not even degree 2 leaves that
 * much, degree 2 is used and recovery gets what remains. The query side comes next: the sizes that
 * (k, eps1, delta) require. If the bytes do not hold them, eps1 grows up to 1, then k shrinks, then
 * recovery is dropped. In paper form Psi gets the rest, in addition to at least {@value #LEAST_M2}
 * buckets. In directions form the columns get three quarters of the rest, up to as many as a value
 * has numbers, and the buffer gets what remains, up to as much as the columns.
 *
 * @param form which matrices are kept
 * @param degree degree of the features
 * @param features number t of features
 * @param m2 buckets of Psi; 0 if there is no Psi
 * @param columns columns of co-occurring directions; 0 if there are none
 * @param bufferBytes bytes of their buffer
 * @param wantedK requested sparsity
 * @param k sparsity that the bytes hold; 0 if nothing is recovered
 * @param phi rows and buckets of Phi; null if k is 0
 * @param queries number of queries that the failure probability delta is meant for
 * @param delta failure probability
 * @param tokenBytes largest number of bytes of the token side
 * @param queryBytes largest number of bytes of the query side
 */
record Sizes(
    Form form,
    FeatureDegree degree,
    int features,
    int m2,
    int columns,
    int bufferBytes,
    int wantedK,
    int k,
    Phi.Shape phi,
    double queries,
    double delta,
    int tokenBytes,
    int queryBytes) {

  /** The smallest number of buckets of Psi. */
  static final int LEAST_M2 = 64;

  /**
   * The smallest number of columns of co-occurring directions: at degree 2, and at a higher degree,
   * which must not starve them.
   */
  static final int LEAST_COLUMNS = 2;

  static final int LEAST_COLUMNS_OF_HIGH_DEGREE = 16;

  /** Tokens that the buffer of co-occurring directions holds at least. */
  static final int LEAST_BUFFERED = 8;

  /** Tokens up to which the buffer may exceed the columns. */
  private static final int USUALLY_BUFFERED = 64;

  /** A division takes a fraction of a millisecond, and queries need it again and again. */
  private static final Map<SketchConfig, Sizes> KNOWN = new ConcurrentHashMap<>();

  private static final int MOST_KNOWN = 1000;

  private static final int MOST_M2 = 1 << 22;

  /** Without {@code onepass.eps1}: the eps1 that the degree leaves room for, and the finest one. */
  private static final double USUAL_EPS1 = 0.5;

  private static final double FINEST_EPS1 = 0.1;

  private static final int MOST_K = 4096;

  /**
   * Divides the bytes.
   *
   * @throws UnfitConfigException if a parameter is out of range, or the bytes do not suffice
   */
  static Sizes of(SketchConfig config) throws UnfitConfigException {
    Sizes known = KNOWN.get(config);
    if (known != null) {
      return known;
    }
    Sizes sizes = new Division(config).sizes();
    if (KNOWN.size() >= MOST_KNOWN) {
      KNOWN.clear();
    }
    KNOWN.put(config, sizes);
    return sizes;
  }

  /** Returns the eps1 of Phi. */
  double eps1() {
    return Guarantee.eps1(k, phi.buckets());
  }

  /** Returns the eps2 of Psi within the bound of the features; 0 if there is no Psi. */
  double eps2() {
    return m2 == 0 ? 0 : Guarantee.eps2(m2, degree.bound(), delta);
  }

  /** The steps of the division. */
  private static final class Division {

    private final SketchConfig config;
    private final Form form;
    private final int wantedK;
    private final double eps1;
    private final double eps2;
    private final double queries;
    private final double delta;
    private final boolean mayDegrade;

    Division(SketchConfig config) throws UnfitConfigException {
      this.config = config;
      form = Form.of(config.parameters().getOrDefault(OnepassFamily.FORM, "outputs"));
      wantedK = (int) number(OnepassFamily.RECOVER_K, 16, 0, MOST_K);
      eps1 = number(OnepassFamily.EPS1, 0, 0, 1);
      eps2 = number(OnepassFamily.EPS2, 0, 0, 1e6);
      queries = number(OnepassFamily.QUERIES, 65536, 1, 1e15);
      delta = number(OnepassFamily.DELTA, 0.01, 1e-12, 0.5);
      mayDegrade = FeatureDegree.mayDegrade(config);
    }

    private double number(String name, double otherwise, double low, double high)
        throws UnfitConfigException {
      double number = config.number(name, otherwise);
      if (!(number >= low && number <= high)) {
        throw new UnfitConfigException(
            "%s must lie in [%s, %s], not %s".formatted(name, low, high, number));
      }
      return number;
    }

    Sizes sizes() throws UnfitConfigException {
      FeatureDegree degree = FeatureDegree.choose(config, this::fits);
      if (degree.degree() < 2) {
        degree = lowest(degree);
      }
      int d = degree.degree();
      long free = config.maxBytes() - leastTokenBytes(d);
      Query query = query(d, free - tokenShare(d, wantedM2(degree)));
      int m2 = 0;
      int columns = 0;
      long bufferBytes = 0;
      if (form == Form.PAPER) {
        m2 = (int) Math.min(wantedM2(degree), LEAST_M2 + (free - query.bytes) / psiBucketBytes(d));
        requirePsi(degree, m2);
      } else if (form == Form.DIRECTIONS) {
        long both = config.maxBytes() - query.bytes - tokenBytes(d, 0, 0);
        columns = columns(d, both);
        long columnBytes = columns * columnBytes(d);
        long most = Math.max(columnBytes, USUALLY_BUFFERED * pairBytes());
        bufferBytes = Math.min(both - columnBytes, most);
      }
      return new Sizes(
          form,
          degree,
          (int) features(d),
          m2,
          columns,
          (int) bufferBytes,
          wantedK,
          query.k,
          query.phi,
          queries,
          delta,
          (int) tokenBytes(d, Math.max(m2, columns), bufferBytes),
          query.bytes);
    }

    /**
     * Returns the columns of co-occurring directions.
     *
     * @param both bytes of the columns and the buffer together
     */
    private int columns(int d, long both) {
      long room = Math.min(both * 3 / 4, both - LEAST_BUFFERED * pairBytes());
      return (int) Math.max(leastColumns(d), Math.min(mostColumns(d), room / columnBytes(d)));
    }

    private int leastColumns(int d) {
      return Math.min(mostColumns(d), d == 2 ? LEAST_COLUMNS : LEAST_COLUMNS_OF_HIGH_DEGREE);
    }

    private int mostColumns(int d) {
      return (int) Math.min(config.valueDim(), features(d));
    }

    private long columnBytes(int d) {
      return Float.BYTES * (features(d) + config.valueDim());
    }

    private long pairBytes() {
      return CoDirections.leastBufferBytes(config.keyDim(), config.valueDim());
    }

    private FeatureDegree lowest(FeatureDegree none) throws UnfitConfigException {
      long needed = leastTokenBytes(2);
      if (needed > config.maxBytes()) {
        throw new UnfitConfigException(
            "the one-pass sketch in %s form takes %d bytes for dimensions %d, %d at degree 2, more than the %d available; a state size of about %d KiB is enough, or use another %s"
                .formatted(
                    form.label(),
                    needed,
                    config.keyDim(),
                    config.valueDim(),
                    config.maxBytes(),
                    SketchConfig.stateSizeFor(needed),
                    OnepassFamily.FORM));
      }
      return new FeatureDegree(
          none.wanted(), 2, TaylorPolynomial.boundFor(2, none.tolerance()), none.tolerance());
    }

    private void requirePsi(FeatureDegree degree, int m2) throws UnfitConfigException {
      if (eps2 > 0 && m2 < wantedM2(degree) && !mayDegrade) {
        throw new UnfitConfigException(
            "%s = %s takes %.3g buckets of Psi within |logit| %.2f, the bytes hold %d; use a larger %s, or %s = true"
                .formatted(
                    OnepassFamily.EPS2,
                    eps2,
                    Guarantee.m2(eps2, degree.bound(), delta),
                    degree.bound(),
                    m2,
                    OnepassFamily.EPS2,
                    FeatureDegree.DEGRADE));
      }
    }

    private long features(int d) {
      return MonomialBasis.size(config.keyDim(), d);
    }

    private long tokenBytes(int d, int size, long bufferBytes) {
      return OnepassSketch.bytes(form, config.keyDim(), config.valueDim(), d, size, bufferBytes);
    }

    private long leastTokenBytes(int d) {
      return switch (form) {
        case PAPER -> tokenBytes(d, LEAST_M2, 0);
        case MOMENTS, OUTPUTS -> tokenBytes(d, 0, 0);
        case DIRECTIONS -> tokenBytes(d, leastColumns(d), LEAST_BUFFERED * pairBytes());
      };
    }

    private long psiBucketBytes(int d) {
      return Float.BYTES * (features(d) + config.valueDim());
    }

    private long wantedM2(FeatureDegree degree) {
      double wanted = eps2 > 0 ? Guarantee.m2(eps2, degree.bound(), delta) : MOST_M2;
      return (long) Math.max(LEAST_M2, Math.min(MOST_M2, wanted));
    }

    /**
     * Returns the bytes that Psi or the directions get before the query side, in addition to their
     * least ones.
     */
    private long tokenShare(int d, long wantedM2) {
      long free = config.maxBytes() - leastTokenBytes(d);
      long wanted =
          switch (form) {
            case PAPER -> (wantedM2 - LEAST_M2) * psiBucketBytes(d);
            case MOMENTS, OUTPUTS -> 0;
            case DIRECTIONS -> (mostColumns(d) - leastColumns(d)) * columnBytes(d) * 4 / 3;
          };
      return Math.max(0, Math.min(wanted, Math.min(free / 2, free - reserved(d))));
    }

    private boolean fits(int d) throws UnfitConfigException {
      long least = leastTokenBytes(d);
      if (least > config.maxBytes() || reserved(d) > config.maxBytes() - least) {
        return false;
      }
      if (!form.queriesCloseTokens() || wantedK == 0 || !mayDegrade) {
        return true;
      }
      // In these forms a higher degree also widens the query side.
      long free = config.maxBytes() - leastTokenBytes(d);
      return 4 * query(d, free - tokenShare(d, MOST_M2)).k >= wantedK;
    }

    /** Returns the length of a row of the sketched matrix: of Y, or of D^-1 U1. */
    private long width(int d) {
      return form.queriesCloseTokens() ? features(d) : config.valueDim();
    }

    /** Returns the bytes that the choice of the degree leaves free for the query side. */
    private long reserved(int d) {
      if (wantedK == 0) {
        return 0;
      }
      Phi.Shape shape = shape(wantedK, eps1 > 0 ? eps1 : mayDegrade ? USUAL_EPS1 : 1);
      long wanted = OnepassQueries.bytes(shape, width(d));
      return mayDegrade ? Math.min(wanted, config.maxBytes() / 2) : wanted;
    }

    private Phi.Shape shape(int k, double eps) {
      int buckets = (int) Math.min(1 << 28, Guarantee.buckets(k, eps));
      return new Phi.Shape(
          Guarantee.rows(queries, k, buckets, delta), Guarantee.GROUP_ROWS, buckets);
    }

    /** The sizes of a query side. */
    private record Query(int k, Phi.Shape phi, int bytes) {}

    /** Returns the best query side within a bound on its bytes. */
    private Query query(int d, long bytes) throws UnfitConfigException {
      if (wantedK == 0) {
        return new Query(0, null, 0);
      }
      long width = width(d);
      Phi.Shape wanted = shape(wantedK, eps1 > 0 ? eps1 : FINEST_EPS1);
      if (OnepassQueries.bytes(wanted, width) <= bytes) {
        return new Query(wantedK, wanted, (int) OnepassQueries.bytes(wanted, width));
      }
      if (!mayDegrade && eps1 > 0) {
        throw new UnfitConfigException(
            "%s = %d with %s = %s takes %d bytes of the query side, %d are left; use a larger %s, a smaller %s, or %s = true"
                .formatted(
                    OnepassFamily.RECOVER_K,
                    wantedK,
                    OnepassFamily.EPS1,
                    eps1,
                    OnepassQueries.bytes(wanted, width),
                    Math.max(0, bytes),
                    OnepassFamily.EPS1,
                    OnepassFamily.RECOVER_K,
                    FeatureDegree.DEGRADE));
      }
      long cells = (bytes - OnepassQueries.FIXED_BYTES) / (Float.BYTES * width);
      int none = wantedK + 1;
      int most = 0;
      // Bytes that hold k also hold any smaller k.
      while (none - most > 1) {
        int k = most == 0 && none > wantedK ? wantedK : (most + none) / 2;
        if (widest(k, cells) == null) {
          none = k;
        } else {
          most = k;
        }
      }
      if (most == wantedK || (mayDegrade && most > 0)) {
        Phi.Shape shape = widest(most, cells);
        return new Query(most, shape, (int) OnepassQueries.bytes(shape, width));
      }
      if (!mayDegrade) {
        throw new UnfitConfigException(
            "%s = %d does not fit into the bytes available; use a smaller %s (0 recovers nothing), or %s = true"
                .formatted(
                    OnepassFamily.RECOVER_K,
                    wantedK,
                    OnepassFamily.RECOVER_K,
                    FeatureDegree.DEGRADE));
      }
      return new Query(0, null, 0);
    }

    /**
     * Returns the most buckets that the cells hold with the rows they need; null if eps1 would
     * exceed 1.
     */
    private Phi.Shape widest(int k, long cells) {
      for (int rows = Guarantee.GROUP_ROWS; rows <= Guarantee.MAX_ROWS; rows += 2) {
        long buckets = Math.min(1 << 28, cells / (rows + Guarantee.GROUP_ROWS));
        if (buckets < Guarantee.buckets(k, 1)) {
          return null;
        }
        if (Guarantee.rows(queries, k, (int) buckets, delta) <= rows) {
          return new Phi.Shape(rows, Guarantee.GROUP_ROWS, (int) buckets);
        }
      }
      return null;
    }
  }
}
