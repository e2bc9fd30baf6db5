// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.api;

/**
 * Describes what a family remembers of queries under one configuration; see {@link QuerySketch}.
 */
public interface QuerySide {

  /**
   * Returns whether the first query ends the tokens of a sequence, because rows that are added
   * before a token would be wrong after it. Before that query all tokens must be folded, and an
   * exact sequence switches to its family.
   */
  boolean closesTokens();

  /**
   * Returns the bound on {@link QuerySketch#stateBytes()}; the bytes of the tokens are not part of
   * it.
   */
  int maxBytes();

  /** Begins an empty query sketch. */
  QuerySketch begin();
}
