// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method;
import dev.onepass.bench.methods.Past;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.simd.Kernels;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Sums of values in buckets of hashed keys: SDIM (Cao et al., Sampling Is All You Need on Modeling
 * Long-Term User Behaviors for CTR Prediction, arXiv 2205.10249). In each of several groups, the
 * signs of a few random projections (tau in the paper) choose the bucket of a token; a query reads
 * its bucket of every group. With the number of tokens of each bucket, the expectation of the sums
 * is attention with weight (1 - angle / pi)^bits in place of exp(logit).
 *
 * <p>Differences: keys are hashed less the mean past key, since the paper learns keys about zero
 * and these are not; the form without counts gives the directions of the bucket sums, as in the
 * paper, the length of the mean value, since no network follows that learns the length. Bits per
 * group are chosen on the past instead of 3.
 */
final class SimHashBuckets implements Method {

  /** Tokens seen, and the seed. */
  private static final int FIXED_BYTES = 2 * Long.BYTES;

  /** The source's bits per group, and others. */
  private static final List<Integer> BITS = List.of(3, 2, 4, 5, 6);

  private final int bits;
  private final boolean counting;
  private final Optional<PastMeans> means;

  SimHashBuckets(int bits, boolean counting) {
    this(bits, counting, Optional.empty());
  }

  private SimHashBuckets(int bits, boolean counting, Optional<PastMeans> means) {
    this.bits = bits;
    this.counting = counting;
    this.means = means;
  }

  /** Returns the form of the paper, which normalizes sums. */
  static Method normalized() {
    return tuned(false);
  }

  /** Returns the form that divides sums by numbers of tokens. */
  static Method withCounts() {
    return tuned(true);
  }

  private static Method tuned(boolean counting) {
    return new Tuned(
        counting ? "sdim-counts" : "sdim",
        BITS.stream().map(bits -> (Method) new SimHashBuckets(bits, counting)).toList());
  }

  @Override
  public String name() {
    return (counting ? "sdim-counts-" : "sdim-") + bits;
  }

  @Override
  public Method learn(Past past) {
    return new SimHashBuckets(bits, counting, Optional.of(PastMeans.of(past)));
  }

  @Override
  public long sharedBytes() {
    return means.map(learned -> (long) Float.BYTES * learned.key().length).orElse(0L);
  }

  @Override
  public State begin(Head head, int bytes, long seed) {
    PastMeans learned = Peers.learned(means, name());
    int group = bucketBytes(head.valueDim()) << bits;
    int groups = Math.max(0, bytes - FIXED_BYTES) / group;
    if (groups == 0) {
      throw new IllegalArgumentException(
          "%d buckets of %d bytes do not fit in the state size; set a larger state size"
              .formatted(1 << bits, bucketBytes(head.valueDim())));
    }
    return new ExactFirst(bytes, head, new Buckets(groups, head, learned, new Random(seed)));
  }

  /** Returns the bytes of a sum, whose numbers have a common exponent, and of a count. */
  private int bucketBytes(int valueDim) {
    return Short.BYTES * valueDim + Byte.BYTES + (counting ? Float.BYTES : 0);
  }

  private final class Buckets implements State {
    private final int groups;
    private final int keyDim;
    private final int valueDim;
    private final PastMeans learned;
    private final float[] planes;
    private final float[] sums;
    private final float[] counts;
    private long seen;

    Buckets(int groups, Head head, PastMeans learned, Random random) {
      this.groups = groups;
      this.keyDim = head.keyDim();
      this.valueDim = head.valueDim();
      this.learned = learned;
      this.planes = new float[groups * bits * keyDim];
      for (int i = 0; i < planes.length; i++) {
        planes[i] = (float) random.nextGaussian();
      }
      this.sums = new float[(groups << bits) * valueDim];
      this.counts = new float[counting ? groups << bits : 0];
    }

    /** Returns the bucket of a vector in every group, numbered over all groups. */
    private int[] buckets(float[] vectors, int offset) {
      double[] sides = new double[groups * bits];
      Kernels.logits(vectors, offset, 1, planes, sides.length, keyDim, sides);
      int[] buckets = new int[groups];
      for (int side = 0; side < sides.length; side++) {
        int group = side / bits;
        buckets[group] = 2 * buckets[group] + (sides[side] > 0 ? 1 : 0);
      }
      Arrays.setAll(buckets, group -> (group << bits) + buckets[group]);
      return buckets;
    }

    @Override
    public void accept(float[] key, float[] value) {
      seen++;
      for (int bucket : buckets(learned.centred(key), 0)) {
        // Sums have 16 bits, rounded at random: rounded to nearest, long sums would not grow.
        int seed = Long.hashCode(seen * 0x9E3779B97F4A7C15L + bucket);
        Kernels.addToRow(sums, bucket * valueDim, value, 0, valueDim, seed);
        if (counting) {
          counts[bucket]++;
        }
      }
    }

    @Override
    public Answered answer(QueryBlock queries) {
      double[] mean = mean();
      float[][] outputs = new float[queries.count()][];
      for (int q = 0; q < outputs.length; q++) {
        int[] buckets = buckets(queries.vectors(), q * keyDim);
        double[] output = counting ? meanOf(buckets) : directionOf(buckets, norm(mean));
        outputs[q] = floats(Double.isFinite(output[0]) ? output : mean);
      }
      return Unstated.of(outputs);
    }

    /** Returns the sums of the buckets over their counts; NaN if they are empty. */
    private double[] meanOf(int[] buckets) {
      double[] sum = new double[valueDim];
      double count = 0;
      for (int bucket : buckets) {
        add(bucket, 1, sum);
        count += counts[bucket];
      }
      return times(1 / count, sum);
    }

    /** Returns the mean direction of the buckets' sums with a length; NaN if all are zero. */
    private double[] directionOf(int[] buckets, double length) {
      double[] sum = new double[valueDim];
      for (int bucket : buckets) {
        double[] own = new double[valueDim];
        add(bucket, 1, own);
        add(bucket, 1 / Math.max(norm(own), Float.MIN_NORMAL), sum);
      }
      return times(length / norm(sum), sum);
    }

    /** Returns the mean of all values, which are all in the first group. */
    private double[] mean() {
      double[] sum = new double[valueDim];
      IntStream.range(0, 1 << bits).forEach(bucket -> add(bucket, 1, sum));
      return times(1.0 / Math.max(1, seen), sum);
    }

    private void add(int bucket, double factor, double[] sum) {
      for (int c = 0; c < valueDim; c++) {
        sum[c] += factor * sums[bucket * valueDim + c];
      }
    }

    @Override
    public long stateBytes() {
      return FIXED_BYTES + ((long) groups << bits) * bucketBytes(valueDim);
    }

    @Override
    public boolean isExact() {
      return false;
    }
  }

  private static double norm(double[] x) {
    return Math.sqrt(Arrays.stream(x).map(y -> y * y).sum());
  }

  private static double[] times(double factor, double[] x) {
    return Arrays.stream(x).map(y -> factor * y).toArray();
  }

  private static float[] floats(double[] x) {
    float[] floats = new float[x.length];
    for (int c = 0; c < x.length; c++) {
      floats[c] = (float) x[c];
    }
    return floats;
  }
}
