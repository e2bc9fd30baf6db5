// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.annotations.Internal;
import dev.onepass.sketch.annotations.PublicEvolving;
import dev.onepass.sketch.blocks.TokenBlock;
import java.io.Serializable;
import java.time.Duration;

/**
 * How the weights of tokens decay: they halve with each half-life of a token's age at the time of
 * the query.
 *
 * <p>Softmax ignores a factor that all weights have in common. So a token of time t may count with
 * weight 2^(t / half-life) for ever, and no stored sum has to change as time passes. Whole
 * half-lives go into the exponent of a block and the rest into biases. Both are computed in whole
 * numbers, so they neither overflow nor lose digits, however long a sequence lives.
 *
 * @param halfLife half-life in milliseconds, or in accepted tokens; 0 for no decay
 * @param byTokens whether time is counted in accepted tokens
 */
@PublicEvolving
public record Decay(long halfLife, boolean byTokens) implements Serializable {

  /** No decay. */
  public static final Decay NONE = new Decay(0, false);

  private static final double LN2 = Math.log(2);

  /**
   * Checks the half-life.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public Decay {
    if (halfLife < 0) {
      throw new IllegalArgumentException("half-life: expected at least 0, got " + halfLife + ".");
    }
  }

  /**
   * Returns a decay by the timestamps of tokens.
   *
   * @param halfLife at least a millisecond
   * @throws IllegalArgumentException if it is shorter
   */
  public static Decay byTime(Duration halfLife) {
    if (halfLife.toMillis() < 1) {
      throw new IllegalArgumentException(
          "half-life: expected at least 1 ms, got " + halfLife + ".");
    }
    return new Decay(halfLife.toMillis(), false);
  }

  /**
   * Returns a decay by the number of accepted tokens.
   *
   * @param halfLife half-life in tokens, at least 1
   * @throws IllegalArgumentException if it is less
   */
  public static Decay byTokens(long halfLife) {
    if (halfLife < 1) {
      throw new IllegalArgumentException(
          "half-life: expected at least 1 token, got " + halfLife + ".");
    }
    return new Decay(halfLife, true);
  }

  /** Returns whether there is any decay. */
  public boolean isOn() {
    return halfLife > 0;
  }

  /** Returns the whole half-lives up to a time: an exponent that weights of that time fit. */
  long exponent(long time) {
    return isOn() ? Math.floorDiv(time, halfLife) : 0;
  }

  /**
   * Returns ln of the weight of tokens of a time, relative to 2^exponent.
   *
   * @param time at least 0
   * @param exponent of any time
   */
  double logWeight(long time, long exponent) {
    return isOn() ? LN2 * (time - exponent * halfLife) / halfLife : 0;
  }

  /**
   * Returns the same tokens with weights that include the decay. Whole doublings of the largest
   * weight go into the exponent, so that large biases lose no digits of the decay when they are
   * rounded to floats.
   *
   * @param block tokens with biases of their own and times
   */
  @Internal
  public TokenBlock weigh(TokenBlock block) {
    if (!isOn() || block.count() == 0) {
      return block;
    }
    long newest = 0;
    for (int j = 0; j < block.count(); j++) {
      newest = Math.max(newest, block.times()[j]);
    }
    long exponent = exponent(newest);
    double[] logWeights = new double[block.count()];
    double largest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < logWeights.length; j++) {
      logWeights[j] = block.biases()[j] + logWeight(block.times()[j], exponent);
      largest = Math.max(largest, logWeights[j]);
    }
    long doublings = (long) Math.floor(largest / LN2);
    return block.weighted(exponent + doublings, j -> logWeights[j] - doublings * LN2);
  }
}
