// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.blocks;

import dev.onepass.sketch.annotations.PublicEvolving;

/**
 * One token, or the retraction of a token.
 *
 * @param key key, d numbers
 * @param value value, dv numbers
 * @param sign 1 for a token, -1 for a retraction
 * @param bias number that is added to the token's logits: the token counts e^bias times
 * @param time when the token happened, in the unit of its sequence's decay, at least 0
 */
@PublicEvolving
public record Token(float[] key, float[] value, float sign, float bias, long time) {

  /** The largest |bias|: e^80 is within the range of floats. */
  public static final float MAX_BIAS = 80;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if the sign is not 1 or -1, or if the bias is not a number of
   *     at most {@value #MAX_BIAS} in size
   */
  public Token {
    if (Math.abs(sign) != 1 || !(Math.abs(bias) <= MAX_BIAS)) {
      throw new IllegalArgumentException(
          "Expected sign 1 or -1 and a bias of at most %s in size, got %s and %s."
              .formatted(MAX_BIAS, sign, bias));
    }
  }

  /** Returns a token of bias 0 and time 0. */
  public static Token of(float[] key, float[] value) {
    return new Token(key, value, 1, 0, 0);
  }

  /** Returns whether this is the retraction of a token. */
  public boolean isRetraction() {
    return sign < 0;
  }
}
