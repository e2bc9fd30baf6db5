// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import java.util.Random;

/**
 * Halves a block of tokens so that sums over either half of the kernel exp(t k.k' / sqrt(d)) (1 +
 * v.v' / |v|^2) are nearly equal. Tokens get signs one by one.
 *
 * <p>The walk is that of Alweiss, Liu and Sawhney (Discrepancy minimization via a self-balancing
 * walk, STOC 2021), as in BalanceKV: a token x gets +1 with probability (1 - w.x / c) / 2, where w
 * is the sum of the signed tokens before. The kernel gives w.x. Difference: c is the mean of x.x,
 * which makes the signs more balanced than the constant of the proof. Then signs of the larger half
 * are flipped until the halves have equal sizes, and each token swaps signs with another one if
 * that balances better. Pairs are the plain form: two tokens in turn get different signs, those
 * that balance better.
 */
final class KernelHalving {
  /** Bound on a logarithm of the kernel, relative to its mean over x.x. */
  private static final double MOST = 30;

  private final boolean walks;
  private final double temperature;

  /**
   * Creates a halving.
   *
   * @param walks whether each token gets a sign, instead of each pair of tokens
   * @param temperature t of the kernel
   */
  KernelHalving(boolean walks, double temperature) {
    this.walks = walks;
    this.temperature = temperature;
  }

  /** Returns which half of an even number of tokens is kept. */
  boolean[] kept(int keyDim, float[][] keys, float[][] values, Random random) {
    double[][] kernel = kernel(keyDim, keys, values);
    int[] signs = walks ? walk(kernel, random) : pairs(kernel);
    // By symmetry either half would do; its choice at random makes every token's chance 1/2.
    int side = random.nextBoolean() ? 1 : -1;
    boolean[] kept = new boolean[signs.length];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = signs[i] == side;
    }
    return kept;
  }

  private static int[] pairs(double[][] kernel) {
    int[] signs = new int[kernel.length];
    double[] sums = new double[kernel.length];
    for (int i = 0; i + 1 < signs.length; i += 2) {
      int sign = sums[i] <= sums[i + 1] ? 1 : -1;
      set(signs, sums, kernel, i, sign);
      set(signs, sums, kernel, i + 1, -sign);
    }
    return signs;
  }

  private static int[] walk(double[][] kernel, Random random) {
    int n = kernel.length;
    double bound = 0;
    for (int i = 0; i < n; i++) {
      bound += kernel[i][i] / n;
    }
    int[] signs = new int[n];
    double[] sums = new double[n];
    int excess = 0;
    for (int i = 0; i < n; i++) {
      int sign = random.nextDouble() < (1 - sums[i] / bound) / 2 ? 1 : -1;
      set(signs, sums, kernel, i, sign);
      excess += sign;
    }
    for (; excess != 0; excess -= 2 * Integer.signum(excess)) {
      int side = Integer.signum(excess);
      set(signs, sums, kernel, best(signs, sums, kernel, side), -side);
    }
    swap(signs, sums, kernel);
    return signs;
  }

  /** Swaps the sign of each token in turn with the one that balances most, if any does. */
  private static void swap(int[] signs, double[] sums, double[][] kernel) {
    for (int i = 0; i < signs.length; i++) {
      int other = -1;
      double most = -gain(signs, sums, kernel, i);
      for (int j = 0; j < signs.length; j++) {
        double gain = gain(signs, sums, kernel, j) + 2 * kernel[i][j];
        if (signs[j] != signs[i] && gain > most) {
          most = gain;
          other = j;
        }
      }
      if (other >= 0) {
        int sign = signs[i];
        set(signs, sums, kernel, i, -sign);
        set(signs, sums, kernel, other, sign);
      }
    }
  }

  /** Returns the token of a sign whose flip balances most. */
  private static int best(int[] signs, double[] sums, double[][] kernel, int sign) {
    int best = -1;
    for (int i = 0; i < signs.length; i++) {
      if (signs[i] == sign
          && (best < 0 || gain(signs, sums, kernel, i) > gain(signs, sums, kernel, best))) {
        best = i;
      }
    }
    return best;
  }

  /** Returns by how much |w|^2 / 4 decreases if a sign is flipped. */
  private static double gain(int[] signs, double[] sums, double[][] kernel, int i) {
    return signs[i] * sums[i] - kernel[i][i];
  }

  private static void set(int[] signs, double[] sums, double[][] kernel, int i, int sign) {
    int change = sign - signs[i];
    signs[i] = sign;
    for (int j = 0; j < sums.length; j++) {
      sums[j] += change * kernel[i][j];
    }
  }

  /** Keys are centred, because a part that all keys share changes no answer. */
  private double[][] kernel(int keyDim, float[][] keys, float[][] values) {
    int n = keys.length;
    float[][] centred = centred(keys);
    double[][] kernel = new double[n][n];
    double rate = temperature / Math.sqrt(keyDim);
    double keySize = 0;
    double valueSize = Double.MIN_NORMAL;
    for (int i = 0; i < n; i++) {
      keySize += dot(centred[i], centred[i]) / n;
      valueSize += dot(values[i], values[i]) / n;
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double log = Math.min(MOST, rate * (dot(centred[i], centred[j]) - keySize));
        kernel[i][j] = Math.exp(log) * (1 + dot(values[i], values[j]) / valueSize);
        kernel[j][i] = kernel[i][j];
      }
    }
    return kernel;
  }

  private static float[][] centred(float[][] keys) {
    float[][] centred = new float[keys.length][];
    double[] mean = new double[keys.length == 0 ? 0 : keys[0].length];
    for (float[] key : keys) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += key[i] / (double) keys.length;
      }
    }
    for (int j = 0; j < keys.length; j++) {
      centred[j] = new float[mean.length];
      for (int i = 0; i < mean.length; i++) {
        centred[j][i] = (float) (keys[j][i] - mean[i]);
      }
    }
    return centred;
  }

  private static double dot(float[] a, float[] b) {
    float sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
