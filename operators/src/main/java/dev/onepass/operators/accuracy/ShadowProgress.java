// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.accuracy;

/**
 * The tokens that a shadow has seen.
 *
 * @param accepted number of tokens that the sequence had accepted
 * @param retracted number of tokens that it had retracted
 */
public record ShadowProgress(long accepted, long retracted) {

  /** Returns the number of tokens and retractions that the shadow keeps. */
  public long entries() {
    return accepted + retracted;
  }
}
