// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;

/**
 * Sinks and window, plus the number, mean key, mean value and key-value covariance of all dropped
 * tokens, which give their part of the sums to first order: after MomentKV (Li, Li and Lan, arXiv
 * 2606.01563). Difference: the paper drops tokens that the moments describe well; here the oldest
 * token is dropped.
 */
final class WindowAndMoments implements Method {

  @Override
  public String name() {
    return "window+moments";
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    Moments moments = new Moments(head.keyDim(), head.valueDim());
    int left = (int) Math.max(0, bytes - Long.BYTES - moments.bytes());
    return new Window(Points.within(left, head, SinksAndWindow.SINKS + 1), moments);
  }

  private static final class Window implements State {
    private final Points rows;
    private final Moments dropped;
    private long seen;

    Window(Points rows, Moments dropped) {
      this.rows = rows;
      this.dropped = dropped;
    }

    @Override
    public void accept(float[] key, float[] value) {
      int slot = SinksAndWindow.slot(seen, rows.slots());
      if (seen++ >= rows.slots()) {
        dropped.add(rows.key(slot), rows.value(slot));
      }
      rows.put(slot, key, value);
    }

    @Override
    public Answered answer(QueryBlock queries) {
      SoftmaxSum sums = rows.sums(queries);
      dropped.addTo(sums, queries);
      return Unstated.of(sums);
    }

    @Override
    public long stateBytes() {
      return Long.BYTES + rows.bytes() + dropped.bytes();
    }

    @Override
    public boolean isExact() {
      return seen <= rows.slots();
    }
  }

  /** Running moments of tokens (Welford's update). */
  private static final class Moments {
    private final float[] meanKey;
    private final float[] meanValue;

    /** Sum over tokens of (k - mean)(v - mean)', keyDim x valueDim. */
    private final float[] products;

    private long count;

    Moments(int keyDim, int valueDim) {
      meanKey = new float[keyDim];
      meanValue = new float[valueDim];
      products = new float[keyDim * valueDim];
    }

    long bytes() {
      return Long.BYTES
          + (long) Float.BYTES * (meanKey.length + meanValue.length + products.length);
    }

    void add(float[] key, float[] value) {
      count++;
      float[] before = new float[key.length];
      for (int i = 0; i < key.length; i++) {
        before[i] = key[i] - meanKey[i];
        meanKey[i] += before[i] / count;
      }
      for (int c = 0; c < value.length; c++) {
        meanValue[c] += (value[c] - meanValue[c]) / count;
        float after = value[c] - meanValue[c];
        for (int i = 0; i < key.length; i++) {
          products[i * value.length + c] += before[i] * after;
        }
      }
    }

    /**
     * With q' = scale q: sum_j exp(q'.k_j) v_j is about exp(q'.mean) sum_j (1 + q'.(k_j - mean))
     * v_j, in which the weights 1 + ... sum to the number of tokens.
     */
    void addTo(SoftmaxSum sums, QueryBlock queries) {
      if (count == 0) {
        return;
      }
      double[] num = new double[meanValue.length];
      for (int q = 0; q < queries.count(); q++) {
        double logit = 0;
        for (int c = 0; c < num.length; c++) {
          num[c] = (double) count * meanValue[c];
        }
        for (int i = 0; i < meanKey.length; i++) {
          double x = queries.scale() * queries.vectors()[q * meanKey.length + i];
          logit += x * meanKey[i];
          for (int c = 0; c < num.length; c++) {
            num[c] += x * products[i * num.length + c];
          }
        }
        sums.add(q, logit, (double) count, (double) count, num);
      }
    }
  }
}
