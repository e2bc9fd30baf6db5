// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.bench.methods.Past;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.simd.Kernels;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Linear attention with the Taylor polynomial of exp of degree 2: the moments of keys up to the
 * second, times values, as in Based (Arora et al., Simple Linear Attention Language Models Balance
 * the Recall-Throughput Tradeoff, arXiv 2402.18668). Bytes that are left hold the newest tokens. It
 * promises an error of third order in the logits about the mean key.
 *
 * <p>Differences: symmetric products are stored once; moments are those of keys less the mean past
 * key, and an answer moves the polynomial to the mean key of the stream. In one of two settings,
 * the mean past query becomes a weight of the tokens, so that the polynomial is about this query.
 */
final class DegreeTwo implements Method {

  private final boolean tilted;
  private final Optional<PastMeans> means;

  private DegreeTwo(boolean tilted, Optional<PastMeans> means) {
    this.tilted = tilted;
    this.means = means;
  }

  /** Returns the method about the query zero, or about the mean past query. */
  static Method tuned() {
    return new Tuned(
        "degree-2",
        List.of(new DegreeTwo(false, Optional.empty()), new DegreeTwo(true, Optional.empty())));
  }

  @Override
  public String name() {
    return tilted ? "degree-2-tilted" : "degree-2-plain";
  }

  @Override
  public Method learn(Past past) {
    return new DegreeTwo(tilted, Optional.of(PastMeans.of(past)));
  }

  @Override
  public long sharedBytes() {
    return means.map(PastMeans::bytes).orElse(0L);
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    PastMeans learned = Peers.learned(means, name());
    float[] centre = tilted ? learned.query() : new float[head.keyDim()];
    Moments moments = new Moments(learned.key(), centre, head.valueDim());
    if (moments.bytes() > bytes - Long.BYTES) {
      throw new IllegalArgumentException(
          "moments of %d bytes do not fit in the state size; set a larger state size"
              .formatted(moments.bytes()));
    }
    int left = (int) (bytes - Long.BYTES - moments.bytes());
    return new ExactFirst(bytes, head, new Window(Points.within(left, head, 0), moments));
  }

  /** The newest tokens, and the moments of older ones. */
  private static final class Window implements State {
    private final Points rows;
    private final Moments older;
    private long seen;

    Window(Points rows, Moments older) {
      this.rows = rows;
      this.older = older;
    }

    @Override
    public void accept(float[] key, float[] value) {
      if (rows.slots() == 0) {
        older.add(key, value);
        return;
      }
      int slot = (int) (seen % rows.slots());
      if (seen++ >= rows.slots()) {
        older.add(rows.key(slot), rows.value(slot));
      }
      rows.put(slot, key, value);
    }

    @Override
    public Answered answer(QueryBlock queries) {
      SoftmaxSum sums = rows.sums(queries);
      older.addTo(sums, queries);
      return Unstated.of(sums);
    }

    @Override
    public long stateBytes() {
      return Long.BYTES + rows.bytes() + older.bytes();
    }

    @Override
    public boolean isExact() {
      return false;
    }
  }

  /** Weighted sums of 1, x and xx' over tokens, times values and 1; x is a key less a fixed key. */
  private static final class Moments {
    private final float[] fixedKey;

    /** The query that the polynomial is about: tokens have the weight exp(centre.x). */
    private final float[] centre;

    private final int valueDim;

    /** For 1, each x_i and each x_i x_j with i at most j, the sums of values and of weights. */
    private final float[] sums;

    /** Logarithm that all weights are relative to. */
    private double top = Double.NEGATIVE_INFINITY;

    Moments(float[] fixedKey, float[] centre, int valueDim) {
      int d = fixedKey.length;
      this.fixedKey = fixedKey;
      this.centre = centre;
      this.valueDim = valueDim;
      this.sums = new float[(1 + d + d * (d + 1) / 2) * (valueDim + 1)];
    }

    long bytes() {
      return Double.BYTES + (long) Float.BYTES * sums.length;
    }

    void add(float[] key, float[] value) {
      float[] x = key.clone();
      double log = 0;
      for (int i = 0; i < x.length; i++) {
        x[i] -= fixedKey[i];
        log += (double) x[i] * centre[i];
      }
      if (log > top) {
        raise(log);
      }
      float[] monomials = monomials(x, (float) Math.exp(log - top));
      float[] row = Arrays.copyOf(value, valueDim + 1);
      row[valueDim] = 1;
      Kernels.addTransposedProduct(monomials, monomials.length, row, row.length, 1, sums);
    }

    private void raise(double log) {
      float factor = (float) Math.exp(top - log);
      for (int at = 0; at < sums.length; at++) {
        sums[at] *= factor;
      }
      top = log;
    }

    private float[] monomials(float[] x, float weight) {
      float[] monomials = new float[sums.length / (valueDim + 1)];
      int at = 0;
      monomials[at++] = weight;
      for (float xi : x) {
        monomials[at++] = weight * xi;
      }
      for (int i = 0; i < x.length; i++) {
        for (int j = i; j < x.length; j++) {
          monomials[at++] = weight * x[i] * x[j];
        }
      }
      return monomials;
    }

    /**
     * With y the query less the centre, m the mean of x and t = y.m, a token's weight exp(y.x) is
     * about exp(t) (1 + z + z^2 / 2), where z = y.x - t. Its terms in powers of y.x are 1 - t + t^2
     * / 2, 1 - t and 1 / 2.
     */
    void addTo(SoftmaxSum all, QueryBlock queries) {
      if (top == Double.NEGATIVE_INFINITY) {
        return;
      }
      double[] y = new double[fixedKey.length];
      double[] sum = new double[valueDim + 1];
      for (int q = 0; q < queries.count(); q++) {
        double log = top;
        double t = 0;
        for (int i = 0; i < y.length; i++) {
          double scaled = queries.scale() * queries.vectors()[q * y.length + i];
          log += scaled * fixedKey[i];
          y[i] = scaled - centre[i];
          t += y[i] * sums[(i + 1) * sum.length + valueDim] / sums[valueDim];
        }
        double[] factors = factors(y, t);
        Arrays.fill(sum, 0);
        Kernels.addWeightedRows(factors, sums, factors.length, sum.length, sum);
        all.add(q, log + t, sum[valueDim], sum[valueDim], sum);
      }
    }

    private double[] factors(double[] y, double t) {
      double[] factors = new double[sums.length / (valueDim + 1)];
      int at = 0;
      factors[at++] = 1 - t + t * t / 2;
      for (double yi : y) {
        factors[at++] = (1 - t) * yi;
      }
      for (int i = 0; i < y.length; i++) {
        for (int j = i; j < y.length; j++) {
          factors[at++] = y[i] * y[j] * (i == j ? 0.5 : 1);
        }
      }
      return factors;
    }
  }
}
