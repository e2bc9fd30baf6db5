package dev.onepass.operators.anchors.learner;

/** No set came of the samples this time; the message says why, and what helps. */
final class NoSetException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean beaten;

  NoSetException(boolean beaten, String message) {
    super(message);
    this.beaten = beaten;
  }

  /** Whether clusters answered better than the set. */
  boolean isBeaten() {
    return beaten;
  }
}
