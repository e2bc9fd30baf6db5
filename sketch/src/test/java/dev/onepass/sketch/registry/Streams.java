// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.registry;

import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactAttention;
import java.util.Random;

/** Generates tokens and queries, computes exact answers over them, and measures answers. */
public final class Streams {

  private static final double LN2 = Math.log(2);

  private Streams() {}

  /** Returns tokens with normal keys, and normal values of standard deviation 1. */
  public static TokenBlock gaussian(Random random, int n, int d, int dv, double keySd) {
    TokenBlock block = new TokenBlock(d, dv, n);
    for (int j = 0; j < n; j++) {
      block.append(vector(random, d, keySd), vector(random, dv, 1), 1);
    }
    return block;
  }

  /** Returns tokens whose keys lie in a ball of a given radius. */
  public static TokenBlock ball(Random random, int n, int d, int dv, double radius) {
    TokenBlock block = new TokenBlock(d, dv, n);
    for (int j = 0; j < n; j++) {
      block.append(
          ofNorm(random, d, radius * Math.sqrt(random.nextDouble())), vector(random, dv, 1), 1);
    }
    return block;
  }

  /** Returns the same tokens with biases drawn evenly from [-largest, largest]. */
  public static TokenBlock biased(Random random, TokenBlock block, double largest) {
    return block.weighted(block.exponent(), j -> largest * (2 * random.nextDouble() - 1));
  }

  /** Returns the same tokens with normal biases of a given standard deviation. */
  public static TokenBlock normallyBiased(Random random, TokenBlock block, double sd) {
    return block.weighted(block.exponent(), j -> sd * random.nextGaussian());
  }

  /** Returns the same tokens with weights multiplied by 2^power. */
  public static TokenBlock raised(TokenBlock block, long power) {
    return block.weighted(block.exponent() + power, j -> block.biases()[j]);
  }

  /**
   * Returns a part of a stream with weights that double with each half-life of tokens, relative to
   * the exponent of its last token.
   *
   * @param halfLife half-life in tokens
   */
  public static TokenBlock decayed(TokenBlock stream, int from, int to, double halfLife) {
    long exponent = (long) Math.floor((to - 1) / halfLife);
    TokenBlock part = stream.slice(from, to);
    return part.weighted(
        exponent, j -> part.biases()[j] + LN2 * ((from + j) / halfLife - exponent));
  }

  /** Returns a whole stream with the weights that it has at its end. */
  public static TokenBlock decayed(TokenBlock stream, double halfLife) {
    return decayed(stream, 0, stream.count(), halfLife);
  }

  /** Returns the tokens, each repeated as often as a whole weight says. */
  public static TokenBlock repeated(TokenBlock block, int[] times) {
    TokenBlock repeated = new TokenBlock(block.keyDim(), block.valueDim(), block.count());
    for (int j = 0; j < block.count(); j++) {
      for (int i = 0; i < times[j]; i++) {
        repeated.append(block, j);
      }
    }
    return repeated;
  }

  /** Returns queries of a given norm and random direction. */
  public static QueryBlock queries(Random random, int count, int d, double norm, double scale) {
    float[] vectors = new float[count * d];
    for (int q = 0; q < count; q++) {
      System.arraycopy(ofNorm(random, d, norm), 0, vectors, q * d, d);
    }
    return new QueryBlock(vectors, count, d, scale);
  }

  /** Returns a normal vector. */
  public static float[] vector(Random random, int d, double sd) {
    float[] x = new float[d];
    for (int i = 0; i < d; i++) {
      x[i] = (float) (sd * random.nextGaussian());
    }
    return x;
  }

  private static float[] ofNorm(Random random, int d, double norm) {
    float[] x = vector(random, d, 1);
    double squares = 1e-30;
    for (float c : x) {
      squares += (double) c * c;
    }
    for (int i = 0; i < d; i++) {
      x[i] = (float) (x[i] * norm / Math.sqrt(squares));
    }
    return x;
  }

  /** Returns two blocks, one after the other, relative to the larger exponent. */
  public static TokenBlock concat(TokenBlock a, TokenBlock b) {
    long exponent = Math.max(a.exponent(), b.exponent());
    TokenBlock both = a.slice(0, a.count()).withExponent(exponent);
    both.append(b.withExponent(exponent));
    return both;
  }

  /** Returns the retractions of a block's tokens. */
  public static TokenBlock retractions(TokenBlock block) {
    TokenBlock negative = block.slice(0, block.count());
    for (int j = 0; j < block.count(); j++) {
      negative.signs()[j] = -1;
    }
    return negative;
  }

  /** Returns exact answers in double precision, to tokens of any weight without retractions. */
  public static ExactAttention.Result oracle(TokenBlock block, QueryBlock queries) {
    double[] logWeights = new double[block.count()];
    for (int j = 0; j < logWeights.length; j++) {
      logWeights[j] = block.biases()[j] + queries.logFactor(block.exponent());
    }
    return ExactAttention.attention(
        queries.vectors(),
        queries.count(),
        block.keys(),
        block.values(),
        logWeights,
        block.count(),
        block.keyDim(),
        block.valueDim(),
        queries.scale());
  }

  /** Returns the softmax sums of a sketch. */
  public static SoftmaxSum sums(AttentionSketch sketch, QueryBlock queries) {
    SoftmaxSum sums = new SoftmaxSum(queries.count(), sketch.valueDim());
    sketch.addTo(sums, queries);
    return sums;
  }

  /** Returns every output of the sums, queries x dv. */
  public static double[] outputs(SoftmaxSum sums, int valueDim) {
    double[] outputs = new double[sums.queries() * valueDim];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = sums.output(i / valueDim, i % valueDim);
    }
    return outputs;
  }

  /** Returns rows of floats as one array of doubles. */
  public static double[] flat(float[][] rows) {
    int dv = rows.length == 0 ? 0 : rows[0].length;
    double[] flat = new double[rows.length * dv];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = rows[i / dv][i % dv];
    }
    return flat;
  }

  /**
   * Returns the largest Euclidean distance between rows; NaN and infinities count as infinitely
   * far.
   */
  public static double distance(double[] a, double[] b, int valueDim) {
    if (a.length != b.length) {
      return Double.POSITIVE_INFINITY;
    }
    double largest = 0;
    for (int row = 0; row < a.length; row += valueDim) {
      double squares = 0;
      for (int c = row; c < row + valueDim; c++) {
        squares += (a[c] - b[c]) * (a[c] - b[c]);
      }
      largest = Double.isFinite(squares) ? Math.max(largest, squares) : Double.POSITIVE_INFINITY;
    }
    return Math.sqrt(largest);
  }

  /** Returns the root mean square of |v|. */
  public static double rmsValue(TokenBlock block) {
    double squares = 0;
    for (int i = 0; i < block.count() * block.valueDim(); i++) {
      squares += (double) block.values()[i] * block.values()[i];
    }
    return Math.sqrt(squares / block.count());
  }

  /** Returns the largest |v|. */
  public static double maxValue(TokenBlock block) {
    return largestNorm(
        block.values(), block.count(), block.valueDim(), new double[block.valueDim()]);
  }

  /** Returns the largest distance of a key from the mean key. */
  public static double keyRadius(TokenBlock block) {
    double[] mean = new double[block.keyDim()];
    for (int i = 0; i < block.count() * block.keyDim(); i++) {
      mean[i % block.keyDim()] += (double) block.keys()[i] / block.count();
    }
    return largestNorm(block.keys(), block.count(), block.keyDim(), mean);
  }

  private static double largestNorm(float[] rows, int count, int dim, double[] centre) {
    double largest = 0;
    for (int j = 0; j < count; j++) {
      double squares = 0;
      for (int i = 0; i < dim; i++) {
        double x = rows[j * dim + i] - centre[i];
        squares += x * x;
      }
      largest = Math.max(largest, squares);
    }
    return Math.sqrt(largest);
  }

  /** Returns |Y - T|_F / |T|_F, where T is exact attention over the tokens with their weights. */
  public static double relF(AttentionSketch sketch, TokenBlock tokens, QueryBlock queries) {
    double[] truth = oracle(tokens, queries).outputs();
    return relF(outputs(sums(sketch, queries), sketch.valueDim()), truth);
  }

  /** Returns |Y - T|_F / |T|_F. */
  public static double relF(double[] outputs, double[] truth) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < truth.length; i++) {
      error += (outputs[i] - truth[i]) * (outputs[i] - truth[i]);
      norm += truth[i] * truth[i];
    }
    return Math.sqrt(error / norm);
  }
}
