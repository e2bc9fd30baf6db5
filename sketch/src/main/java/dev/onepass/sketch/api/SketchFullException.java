package dev.onepass.sketch.api;

/** A family that keeps whole tokens has no room for more within its byte bound. */
public final class SketchFullException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message how many tokens fit
   */
  public SketchFullException(String message) {
    super(message);
  }
}
