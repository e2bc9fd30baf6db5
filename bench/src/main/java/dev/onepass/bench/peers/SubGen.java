// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.simd.Floats;
import java.util.List;
import java.util.Random;

/**
 * Attention over uniform samples of clusters of keys: SubGen (Zandieh, Han, Mirrokni and Karbasi,
 * arXiv 2402.06082). In the form of the paper, the samples estimate the denominator of attention,
 * and tokens that are drawn by |v|^2 estimate the numerator, with half of the bytes each.
 *
 * <p>Differences: the paper has a fixed radius of clusters and lets their number grow; here the
 * radius grows as little as makes the clusters fit, and a sample is the centre, which saves bytes
 * ({@link KeyClusters}). All tokens are kept while they fit. In the other form the samples have
 * their values, and estimate numerator and denominator: their errors then largely cancel.
 */
final class SubGen implements Method {

  /** Seed and radius. */
  private static final int FIXED_BYTES = 2 * Long.BYTES;

  private final int perCluster;
  private final boolean withValues;
  private final boolean countsMass;

  /**
   * Creates a method.
   *
   * @param perCluster maximum number of samples of a cluster (t in the paper)
   * @param withValues whether the samples have values and estimate both sums
   * @param countsMass whether the distance of clusters counts their tokens, see {@link KeyClusters}
   */
  SubGen(int perCluster, boolean withValues, boolean countsMass) {
    this.perCluster = perCluster;
    this.withValues = withValues;
    this.countsMass = countsMass;
  }

  /** Returns the method in several settings, that of the paper last. */
  static Method tuned() {
    return new Tuned(
        "subgen",
        List.of(
            new SubGen(1, true, true),
            new SubGen(4, true, true),
            new SubGen(16, true, true),
            new SubGen(4, true, false),
            new SubGen(Integer.MAX_VALUE, true, false),
            new SubGen(4, false, false)));
  }

  @Override
  public String name() {
    return "subgen";
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    return new ExactFirst(bytes, head, folded(head, bytes - FIXED_BYTES, seed));
  }

  private State folded(Head head, int bytes, long seed) {
    Random random = new Random(seed);
    if (withValues) {
      return new Together(new KeyClusters(head, bytes, perCluster, countsMass, random));
    }
    return new Apart(
        new KeyClusters(keysOnly(head), bytes / 2, perCluster, countsMass, random),
        new LargeValues(head, bytes / 2, random));
  }

  private static Head keysOnly(Head head) {
    return new Head(
        head.name(), 0, head.keyDim(), 0, new float[0], new float[0], new float[0], head.scale());
  }

  /** Samples estimate both sums. */
  private record Together(KeyClusters clusters) implements State {

    @Override
    public void accept(float[] key, float[] value) {
      clusters.accept(key, value);
    }

    @Override
    public Answered answer(QueryBlock queries) {
      return Unstated.of(clusters.sums(queries));
    }

    @Override
    public long stateBytes() {
      return FIXED_BYTES + clusters.bytes();
    }

    @Override
    public boolean isExact() {
      return false;
    }
  }

  /** Samples of clusters estimate the denominator, tokens drawn by |v|^2 the numerator. */
  private record Apart(KeyClusters clusters, LargeValues values) implements State {
    private static final float[] NO_VALUE = {};

    @Override
    public void accept(float[] key, float[] value) {
      clusters.accept(key, NO_VALUE);
      values.accept(key, value);
    }

    @Override
    public Answered answer(QueryBlock queries) {
      SoftmaxSum den = clusters.sums(queries);
      SoftmaxSum num = values.sums(queries);
      float[][] outputs = new float[queries.count()][num.valueDim()];
      for (int q = 0; q < outputs.length; q++) {
        // Values of zeros only are never drawn and add nothing.
        double logRatio = num.logNormalizer(q) - den.logNormalizer(q);
        double ratio = logRatio == Double.NEGATIVE_INFINITY ? 0 : Math.exp(logRatio);
        for (int c = 0; ratio > 0 && c < outputs[q].length; c++) {
          outputs[q][c] = Floats.within((float) (ratio * num.output(q, c)), Float.MAX_VALUE);
        }
      }
      return Unstated.of(outputs);
    }

    @Override
    public long stateBytes() {
      return FIXED_BYTES + clusters.bytes() + values.bytes();
    }

    @Override
    public boolean isExact() {
      return false;
    }
  }

  /** Independent draws of tokens, each with a chance that follows |v|^2. */
  private static final class LargeValues {
    /** Sum of |v|^2. */
    private static final int FIXED_BYTES = Double.BYTES;

    private final Points draws;
    private final double[] squares;
    private final Random random;
    private double sum;

    LargeValues(Head head, int bytes, Random random) {
      this.draws = Points.within(bytes - FIXED_BYTES, head, 1);
      this.squares = new double[draws.slots()];
      this.random = random;
    }

    /** Replaces each draw with the chance |v|^2 / sum. */
    void accept(float[] key, float[] value) {
      float[] stored = Points.rounded(value);
      double square = 0;
      for (float x : stored) {
        square += (double) x * x;
      }
      sum += square;
      for (int slot = 0; slot < draws.slots(); slot++) {
        if (random.nextDouble() * sum < square) {
          draws.put(slot, key, value);
          squares[slot] = square;
        }
      }
    }

    /** Returns sums whose num is (S / s) sum exp(q.k) v / |v|^2 over the s draws. */
    SoftmaxSum sums(QueryBlock queries) {
      double share = sum / draws.slots();
      return draws.sums(queries, slot -> Math.log(share / squares[slot]));
    }

    long bytes() {
      return FIXED_BYTES + draws.bytes();
    }
  }
}
