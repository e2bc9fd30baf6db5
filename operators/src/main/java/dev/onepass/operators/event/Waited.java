// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

/** The way in which a query's wait for the tokens of its {@code as_of} ended. */
public enum Waited {
  /** The sequence has enough tokens. */
  ENOUGH,
  /** The sequence has too few tokens: the query timed out, or no more tokens can come. */
  TOO_FEW,
  /** The query did not wait, because there was no room. */
  NO_ROOM
}
