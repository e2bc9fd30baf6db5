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
import java.util.Random;

/**
 * Linear attention with positive random features: Performer, FAVOR+ (Choromanski et al., Rethinking
 * Attention with Performers, arXiv 2009.14794). exp(x.y) is the mean of exp(w.x - |x|^2 / 2)
 * exp(w.y - |y|^2 / 2) over normal w, so a sum over tokens for each w gives num and den for every
 * query. Directions w are orthogonal within each set of keyDim. It promises an unbiased den.
 *
 * <p>Differences: keys and queries are taken less their past means (the mean query becomes a weight
 * of the token); the paper's division of both by keyDim^(1/4) becomes one that gives past keys and
 * queries the same size. Sums are kept relative to a running maximum for each feature; the paper
 * knows the maximum in advance.
 */
final class PositiveFeatures implements Method {

  /** The seed. */
  private static final int FIXED_BYTES = Long.BYTES;

  private final boolean balanced;
  private final Optional<PastMeans> means;

  private PositiveFeatures(boolean balanced, Optional<PastMeans> means) {
    this.balanced = balanced;
    this.means = means;
  }

  /** Returns the method with keys and queries of the same size, or as they are. */
  static Method tuned() {
    return new Tuned(
        "favor",
        List.of(
            new PositiveFeatures(true, Optional.empty()),
            new PositiveFeatures(false, Optional.empty())));
  }

  @Override
  public String name() {
    return balanced ? "favor-balanced" : "favor-plain";
  }

  @Override
  public Method learn(Past past) {
    return new PositiveFeatures(balanced, Optional.of(PastMeans.of(past)));
  }

  @Override
  public long sharedBytes() {
    return means.map(PastMeans::bytes).orElse(0L);
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    PastMeans learned = Peers.learned(means, name());
    int count = Math.max(0, bytes - FIXED_BYTES) / Features.bytes(head.valueDim());
    if (count == 0) {
      throw new IllegalArgumentException(
          "a feature of %d bytes does not fit in the state size; set a larger state size"
              .formatted(Features.bytes(head.valueDim())));
    }
    double ratio = balanced ? learned.querySpread() / learned.keySpread() : 1;
    double stretch = ratio > 0 && Double.isFinite(ratio) ? Math.sqrt(ratio) : 1;
    return new ExactFirst(
        bytes, head, new Features(count, head, learned, stretch, new Random(seed)));
  }

  /** The sums over tokens for each feature. */
  static final class Features implements State {
    private final int count;
    private final int keyDim;
    private final int valueDim;
    private final PastMeans learned;

    /** Keys are multiplied by it, and queries divided. */
    private final double stretch;

    private final float[] directions;

    /** For each feature the sum of weighted values, and of weights. */
    private final float[] sums;

    private final double[] tops;

    Features(int count, Head head, PastMeans learned, double stretch, Random random) {
      this.count = count;
      this.keyDim = head.keyDim();
      this.valueDim = head.valueDim();
      this.learned = learned;
      this.stretch = stretch;
      this.directions = OrthogonalDirections.draw(count, keyDim, random);
      this.sums = new float[count * (valueDim + 1)];
      this.tops = new double[count];
      Arrays.fill(tops, Double.NEGATIVE_INFINITY);
    }

    /** Returns the bytes of a feature: its sums and its maximum. */
    static int bytes(int valueDim) {
      return Float.BYTES * (valueDim + 2);
    }

    @Override
    public void accept(float[] key, float[] value) {
      float[] x = learned.centred(key);
      double weight = dot(learned.query(), x);
      for (int i = 0; i < keyDim; i++) {
        x[i] *= (float) stretch;
      }
      weight -= dot(x, x) / 2;
      double[] logs = new double[count];
      Kernels.logits(x, 0, 1, directions, count, keyDim, logs);
      for (int f = 0; f < count; f++) {
        logs[f] += weight;
        if (logs[f] > tops[f]) {
          raise(f, logs[f]);
        }
        logs[f] -= tops[f];
      }
      Kernels.expMinus(logs, count, 0);
      for (int f = 0, at = 0; f < count; f++) {
        float w = (float) logs[f];
        for (int c = 0; c < valueDim; c++) {
          sums[at++] += w * value[c];
        }
        sums[at++] += w;
      }
    }

    private void raise(int feature, double top) {
      // The maximum has 4 bytes.
      double rounded = (float) top;
      float factor = (float) Math.exp(tops[feature] - rounded);
      for (int at = feature * (valueDim + 1); at < (feature + 1) * (valueDim + 1); at++) {
        sums[at] *= factor;
      }
      tops[feature] = rounded;
    }

    @Override
    public Answered answer(QueryBlock queries) {
      return Unstated.of(sums(queries));
    }

    /** Returns num and den of queries. */
    SoftmaxSum sums(QueryBlock queries) {
      SoftmaxSum all = new SoftmaxSum(queries.count(), valueDim);
      double[] logs = new double[count];
      double[] sum = new double[valueDim + 1];
      float[] y = new float[keyDim];
      for (int q = 0; q < queries.count(); q++) {
        double constant = -Math.log(count);
        for (int i = 0; i < keyDim; i++) {
          double scaled = queries.scale() * queries.vectors()[q * keyDim + i];
          constant += scaled * learned.key()[i];
          y[i] = (float) ((scaled - learned.query()[i]) / stretch);
        }
        constant -= dot(y, y) / 2;
        Kernels.logits(y, 0, 1, directions, count, keyDim, logs);
        for (int f = 0; f < count; f++) {
          logs[f] += tops[f];
        }
        double max = Kernels.max(logs, count);
        Kernels.expMinus(logs, count, max);
        Arrays.fill(sum, 0);
        Kernels.addWeightedRows(logs, sums, count, valueDim + 1, sum);
        all.add(q, max + constant, sum[valueDim], sum[valueDim], sum);
      }
      return all;
    }

    private static double dot(float[] a, float[] b) {
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += (double) a[i] * b[i];
      }
      return sum;
    }

    @Override
    public long stateBytes() {
      return FIXED_BYTES + (long) count * bytes(valueDim);
    }

    @Override
    public boolean isExact() {
      return false;
    }
  }
}
