// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.annotations.PublicEvolving;

/**
 * The result of accepting or retracting a token. All results but the first two mean that the token
 * was refused and that nothing changed.
 */
@PublicEvolving
public enum Acceptance {
  /** The sequence has accepted the token. */
  ACCEPTED(""),
  /** The position is not above the last one; the token was counted and dropped. */
  DUPLICATE(""),
  /** Tokens of the sequence carry positions and this one does not, or the reverse. */
  MIXED_POSITIONS(
      "position: the sequence mixes tokens with and without positions; all tokens must have one, or none"),
  /** The exact family has no room for more tokens. */
  FULL("sequence full: the family exact keeps whole tokens and the state size is used up"),
  /** The sequence decays and is full, and the family that its head has by now cannot decay. */
  CANNOT_DECAY(
      "sequence full: it began with decay, and the present family or form of its head cannot decay; forget the sequence, or set a family or form that can"),
  /** A query has closed the sequence for tokens. */
  CLOSED(
      "closed: the first query has closed the sequence for tokens; forget the sequence to begin a new one"),
  /** The token was folded, and the sketch cannot take back folded tokens. */
  CANNOT_RETRACT("op: this sketch cannot retract a token that it has folded"),
  /** The token was folded with a weight that depends on its time, which is not given. */
  NEEDS_TIME(
      "timestamp: a folded token of a head with decay can be retracted only with its timestamp; set it to that of the token's record"),
  /** The sequence has no such token. */
  NOTHING_TO_RETRACT("op: the sequence has no such token to retract"),
  /** The sequence began with other dimensions. */
  OTHER_DIMENSIONS(
      "key, value: the sequence began with other dimensions; forget the sequence before you change them");

  private final String reason;

  Acceptance(String reason) {
    this.reason = reason;
  }

  /** Returns why the token was refused, beginning with the field; empty if it was accepted. */
  public String reason() {
    return reason;
  }

  /** Returns whether the token was refused. */
  public boolean isRefused() {
    return !reason.isEmpty();
  }
}
