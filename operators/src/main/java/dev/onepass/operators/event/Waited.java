package dev.onepass.operators.event;

/** How a query's waiting for the tokens of its {@code as_of} ended. */
public enum Waited {
  /** There are enough tokens. */
  ENOUGH,
  /** Time went by, or no more tokens can come. */
  IN_VAIN,
  /** Not at all: there was no room to wait in. */
  NO_ROOM
}
