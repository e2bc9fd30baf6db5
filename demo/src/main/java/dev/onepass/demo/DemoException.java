package dev.onepass.demo;

/** A step that is not possible; the message is one sentence for the user. */
final class DemoException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Nothing was measured: a file, a port, memory or an option stood in the way. */
  static final int IMPOSSIBLE = 2;

  /** The run went wrong: the job failed, or lost something. */
  static final int FAILED = 1;

  private final int exitCode;

  DemoException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
