// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.registry;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactAttention;
import java.util.Random;

/** Streams of weighted tokens for tests, and exact answers to them. */
public final class WeightedStreams {

  private static final double LN2 = Math.log(2);

  private WeightedStreams() {}

  /** Returns the same tokens with normal biases. */
  public static TokenBlock biased(Random random, TokenBlock block, double sd) {
    return block.weighted(block.exponent(), j -> sd * random.nextGaussian());
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

  /**
   * Returns exact answers in double precision. The logarithm of a token's weight is one more
   * coordinate of its key, and each query has 1 there.
   */
  public static ExactAttention.Result oracle(TokenBlock block, QueryBlock queries) {
    int d = block.keyDim();
    float[] keys = new float[block.count() * (d + 1)];
    for (int j = 0; j < block.count(); j++) {
      System.arraycopy(block.keys(), j * d, keys, j * (d + 1), d);
      keys[j * (d + 1) + d] = (float) (block.biases()[j] + queries.logFactor(block.exponent()));
    }
    float[] vectors = new float[queries.count() * (d + 1)];
    for (int q = 0; q < queries.count(); q++) {
      for (int i = 0; i < d; i++) {
        vectors[q * (d + 1) + i] = (float) (queries.scale() * queries.vectors()[q * d + i]);
      }
      vectors[q * (d + 1) + d] = 1;
    }
    return ExactAttention.attention(
        vectors, queries.count(), keys, block.values(), block.count(), d + 1, block.valueDim(), 1);
  }

  /** Returns tokens that are repeated as often as a whole weight says. */
  public static TokenBlock repeated(TokenBlock block, int[] times) {
    TokenBlock repeated = new TokenBlock(block.keyDim(), block.valueDim(), block.count());
    for (int j = 0; j < block.count(); j++) {
      for (int i = 0; i < times[j]; i++) {
        repeated.append(block, j);
      }
    }
    return repeated;
  }
}
