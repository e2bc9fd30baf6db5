package dev.onepass.sketch.api;

/** Two sketches do not describe tokens in the same terms, so their sums must not be added. */
public final class IncompatibleSketchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what differs
   */
  public IncompatibleSketchException(String message) {
    super(message);
  }
}
