package dev.onepass.sketch.sequence;

/**
 * What became of a token. Everything but the first two means that the token was refused and nothing
 * changed.
 */
public enum Acceptance {
  /** The sequence has it. */
  ACCEPTED(""),
  /** Its position is not above the last one; it was counted and dropped. */
  DUPLICATE(""),
  /** Some tokens of the sequence carry positions and others do not. */
  MIXED_POSITIONS(
      "position: tokens of this sequence came with positions and without; all must have one, or none"),
  /** The exact family has no room for more tokens. */
  FULL(
      "sequence full: sketch.type exact keeps whole tokens and its bytes are used up; set a larger sketch.state-size or another sketch.type"),
  /** A query has ended the sequence's tokens. */
  CLOSED(
      "closed: with onepass.form paper or moments the first query ends a sequence's tokens; forget the sequence to begin anew"),
  /** The token was folded, and the sketch does not give back what it has folded. */
  CANNOT_RETRACT("op: this sketch cannot take back a token that it has folded"),
  /** There is no token that could be taken back. */
  NOTHING_TO_RETRACT("op: the sequence has no such token to retract"),
  /** The sequence was begun with other dimensions. */
  OTHER_DIMENSIONS(
      "key, value: the sequence was begun with other dimensions; forget it before it is fed with new ones");

  private final String reason;

  Acceptance(String reason) {
    this.reason = reason;
  }

  /** Why the token was refused, beginning with the field at fault; empty if it was not. */
  public String reason() {
    return reason;
  }

  /** Whether the token was refused. */
  public boolean isRefused() {
    return !reason.isEmpty();
  }
}
