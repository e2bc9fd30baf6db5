// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.bench.methods.Past;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Kept tokens, plus the number, mean key, mean value and key-value covariance of all dropped
 * tokens, which give their part of the sums to first order: MomentKV (Li, Li and Lan, MomentKV:
 * Closing the Directional Gap in KV Cache Eviction, arXiv 2606.01563). It promises exact answers
 * for values that are linear in the key and small logits.
 *
 * <p>As in the paper, a window of the newest tokens stays, and of the older ones the token is
 * dropped that the moments describe best. Differences: the score of a token is the expected error
 * of its first-order term over normal queries with the moments of past ones, times the distance of
 * its value from the mean value; the window's share is chosen on the past, where 1 drops the oldest
 * token.
 */
final class MomentKv implements Method {

  private final double windowShare;
  private final Optional<PastQueries> queries;

  /**
   * Creates a method that has learned nothing.
   *
   * @param windowShare share of the kept tokens that are the newest ones, 0 to 1
   */
  MomentKv(double windowShare) {
    this(windowShare, Optional.empty());
  }

  private MomentKv(double windowShare, Optional<PastQueries> queries) {
    this.windowShare = windowShare;
    this.queries = queries;
  }

  /** Returns the method with a window of a share that is best on the past. */
  static Method tuned() {
    return new Tuned(
        "moment-kv", Stream.of(0.5, 0.1, 1.0).map(share -> (Method) new MomentKv(share)).toList());
  }

  @Override
  public String name() {
    return "moment-kv-" + windowShare;
  }

  @Override
  public Method learn(Past past) {
    return new MomentKv(windowShare, Optional.of(PastQueries.of(past)));
  }

  @Override
  public long sharedBytes() {
    return windowShare < 1 ? queries.map(PastQueries::bytes).orElse(0L) : 0;
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    if (windowShare < 1 && queries.isEmpty()) {
      throw new IllegalArgumentException(name() + " has learned from no past rows");
    }
    Moments moments = new Moments(head.keyDim(), head.valueDim());
    int left = (int) Math.max(0, bytes - Long.BYTES - moments.bytes());
    Points rows = Points.within(left, head, 1);
    int window = Math.max(1, (int) (windowShare * rows.slots()));
    int behind = rows.slots() - window;
    Optional<FirstOrderErrors> scores =
        behind == 0
            ? Optional.empty()
            : queries.map(past -> new FirstOrderErrors(behind + 1, head.valueDim(), past));
    return new ExactFirst(bytes, head, new Kept(rows, window, moments, scores));
  }

  private static final class Kept implements State {
    private final Points rows;

    /** Number of the first slots, which have the newest tokens. */
    private final int window;

    private final Moments dropped;

    /** Scores of the tokens behind the window; none if there are no such slots. */
    private final Optional<FirstOrderErrors> scores;

    private long seen;

    Kept(Points rows, int window, Moments dropped, Optional<FirstOrderErrors> scores) {
      this.rows = rows;
      this.window = window;
      this.dropped = dropped;
      this.scores = scores;
    }

    @Override
    public void accept(float[] key, float[] value) {
      int slot = (int) (seen % window);
      if (seen++ >= window) {
        moveOut(rows.key(slot), rows.value(slot));
      }
      rows.put(slot, key, value);
    }

    /** Puts a token behind the window, in place of the token that the moments describe best. */
    private void moveOut(float[] key, float[] value) {
      if (scores.isEmpty()) {
        dropped.add(key, value);
        return;
      }
      FirstOrderErrors errors = scores.get();
      if (rows.filled() < rows.slots()) {
        errors.put(rows.filled() - window, key, value);
        rows.put(rows.filled(), key, value);
        return;
      }
      int spare = rows.slots() - window;
      errors.put(spare, key, value);
      int least = errors.least(dropped.meanKey, dropped.meanValue);
      if (least == spare) {
        dropped.add(key, value);
      } else {
        dropped.add(rows.key(window + least), rows.value(window + least));
        rows.put(window + least, key, value);
        errors.put(least, key, value);
      }
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
      return dropped.count == 0;
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
