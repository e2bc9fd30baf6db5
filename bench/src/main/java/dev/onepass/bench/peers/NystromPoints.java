// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method.Answered;
import dev.onepass.bench.methods.Method.State;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.npy.Half;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.simd.Kernels;
import java.util.Arrays;
import java.util.Random;

/**
 * The state of {@link NystromBlocks}: keys with the sums of values and weights that they have
 * received, of which the last ones may be tokens that were not reduced yet.
 */
final class NystromPoints implements State {

  /** The state of the random numbers. */
  private static final int FIXED_BYTES = Long.BYTES;

  /** Logarithms of tilts stay in this range. */
  private static final double MOST = 40;

  /** Affordable number of products for a token in the choice of points, some 30 microseconds. */
  private static final double WORK = 70_000;

  /** Time of an exponential and a logit, in products. */
  private static final int EXPONENTIAL = 20;

  /** If den is below this share of the sum of the weights' sizes, only rounding is left of it. */
  private static final double LOST = 1e-4;

  private final Head head;
  private final int keyDim;
  private final int valueDim;
  private final int slots;
  private final int reducedSlots;
  private final double tau;
  private final float[] tilt;
  private final PastMeans learned;
  private final Random random;
  private final float[] keys;

  /** For each point, the sum of weighted values; 16 bits for a number and an exponent. */
  private final float[] sums;

  private final float[] weights;
  private final float[] min;
  private final float[] max;
  private int filled;

  NystromPoints(
      Head head, int slots, NystromBlocks.Setting setting, PastMeans learned, Random random) {
    this.head = head;
    this.keyDim = head.keyDim();
    this.valueDim = head.valueDim();
    this.slots = slots;
    this.reducedSlots = slots - block(setting.blocks());
    double ratio = learned.querySpread() / learned.keySpread();
    this.tau = setting.temperature() * (ratio > 0 && Double.isFinite(ratio) ? ratio : 1);
    this.tilt = setting.tilted() ? learned.query() : new float[keyDim];
    this.learned = learned;
    this.random = random;
    this.keys = new float[slots * keyDim];
    this.sums = new float[slots * valueDim];
    this.weights = new float[slots];
    this.min = new float[valueDim];
    this.max = new float[valueDim];
    Arrays.fill(min, Float.POSITIVE_INFINITY);
    Arrays.fill(max, Float.NEGATIVE_INFINITY);
  }

  /** Returns the number of tokens in a block, at most half of the slots. */
  private int block(int factor) {
    int smallest = 1;
    while (smallest < slots / 2 && work(slots - smallest) > WORK * smallest) {
      smallest++;
    }
    return Math.max(1, Math.min(slots / 2, factor * smallest));
  }

  /** Returns the products of a reduction: kernel, coordinates, and sums that move. */
  private double work(int chosen) {
    return (double) chosen * slots * EXPONENTIAL
        + (double) chosen * chosen / 2 * (slots + valueDim + 1);
  }

  /** Returns the number of points that fit. */
  static int slots(int bytes, Head head) {
    return Math.max(0, bytes - FIXED_BYTES - rangeBytes(head)) / pointBytes(head);
  }

  /** Returns the bytes of a point: key, sum with an exponent, and weight. */
  static int pointBytes(Head head) {
    return Short.BYTES * (head.keyDim() + head.valueDim()) + Byte.BYTES + Float.BYTES;
  }

  /** Returns the bytes of the smallest and largest value in each coordinate. */
  private static int rangeBytes(Head head) {
    return 2 * Short.BYTES * head.valueDim();
  }

  @Override
  public void accept(float[] key, float[] value) {
    if (filled == slots) {
      reduce();
    }
    for (int i = 0; i < keyDim; i++) {
      keys[filled * keyDim + i] = Half.toFloat(Half.of(key[i]));
    }
    float weight = (float) Math.exp(logTilt(filled));
    float[] sum = new float[valueDim];
    for (int c = 0; c < valueDim; c++) {
      float rounded = Half.toFloat(Half.of(value[c]));
      min[c] = Math.min(min[c], rounded);
      max[c] = Math.max(max[c], rounded);
      sum[c] = weight * rounded;
    }
    put(filled, sum, weight);
    filled++;
  }

  private void put(int slot, float[] sum, float weight) {
    Arrays.fill(sums, slot * valueDim, (slot + 1) * valueDim, 0);
    Kernels.addToRow(sums, slot * valueDim, sum, 0, valueDim, random.nextInt());
    weights[slot] = weight;
  }

  /** Returns the logit of the mean query for a key less the mean key. */
  private double logTilt(int slot) {
    double log = 0;
    for (int i = 0; i < keyDim; i++) {
      log += (double) tilt[i] * (keys[slot * keyDim + i] - learned.key()[i]);
    }
    return Math.max(-MOST, Math.min(MOST, log));
  }

  private void reduce() {
    double[] masses = new double[slots];
    double[][] rows = new double[slots][valueDim + 1];
    float[] centred = new float[slots * keyDim];
    for (int slot = 0; slot < slots; slot++) {
      masses[slot] = weights[slot];
      for (int c = 0; c < valueDim; c++) {
        rows[slot][c] = sums[slot * valueDim + c];
      }
      rows[slot][valueDim] = weights[slot];
      for (int i = 0; i < keyDim; i++) {
        centred[slot * keyDim + i] = keys[slot * keyDim + i] - learned.key()[i];
      }
    }
    PivotedCholesky points = PivotedCholesky.of(centred, keyDim, masses, tau, reducedSlots, random);
    int[] chosen = points.chosen();
    float[] old = keys.clone();
    double[][] received = points.received(rows);
    for (int slot = 0; slot < chosen.length; slot++) {
      System.arraycopy(old, chosen[slot] * keyDim, keys, slot * keyDim, keyDim);
      put(slot, floats(received[slot]), (float) received[slot][valueDim]);
    }
    filled = chosen.length;
  }

  private float[] floats(double[] row) {
    float[] floats = new float[valueDim];
    for (int c = 0; c < valueDim; c++) {
      floats[c] = (float) row[c];
    }
    return floats;
  }

  @Override
  public Answered answer(QueryBlock queries) {
    double[] tilts = new double[filled];
    Arrays.setAll(tilts, this::logTilt);
    float[][] outputs = new float[queries.count()][valueDim];
    double[] factors = new double[filled];
    double[] num = new double[valueDim];
    for (int q = 0; q < outputs.length; q++) {
      Kernels.logits(queries.vectors(), q * keyDim, queries.scale(), keys, filled, keyDim, factors);
      for (int slot = 0; slot < filled; slot++) {
        factors[slot] -= tilts[slot];
      }
      Kernels.expMinus(factors, filled, Kernels.max(factors, filled));
      Arrays.fill(num, 0);
      Kernels.addWeightedRows(factors, sums, filled, valueDim, num);
      double den = den(factors);
      for (int c = 0; c < valueDim; c++) {
        outputs[q][c] = (float) Math.max(min[c], Math.min(max[c], num[c] / den));
      }
    }
    return Unstated.of(outputs);
  }

  /** Returns the sum of weights; weights are below zero at times, so they may cancel out. */
  private double den(double[] factors) {
    double den = 0;
    double peak = 0;
    for (int slot = 0; slot < filled; slot++) {
      den += factors[slot] * weights[slot];
      peak += factors[slot] * Math.abs(weights[slot]);
    }
    return den > LOST * peak ? den : peak;
  }

  @Override
  public long stateBytes() {
    return FIXED_BYTES + rangeBytes(head) + (long) filled * pointBytes(head);
  }

  @Override
  public boolean isExact() {
    return false;
  }
}
