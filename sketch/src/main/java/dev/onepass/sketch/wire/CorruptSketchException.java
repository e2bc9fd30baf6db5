package dev.onepass.sketch.wire;

/** The one exception that bytes which are no sketch end in, whatever is wrong with them. */
public final class CorruptSketchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what is wrong with the bytes
   */
  public CorruptSketchException(String message) {
    super(message);
  }
}
