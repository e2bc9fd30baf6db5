package dev.onepass.operators.event;

/** The way in which a query's wait for the tokens of its {@code as_of} ended. */
public enum Waited {
  /** The sequence has enough tokens. */
  ENOUGH,
  /** The query timed out, or no more tokens can come. */
  IN_VAIN,
  /** The query did not wait, because there was no room. */
  NO_ROOM
}
