package dev.onepass.demo.run;

/** A step that is not possible; the message is one sentence for the user. */
public final class DemoException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Nothing was measured: a file, a port, memory or an option stood in the way. */
  public static final int IMPOSSIBLE = 2;

  /** The run went wrong: the job failed, or lost something. */
  public static final int FAILED = 1;

  private final int exitCode;

  public DemoException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
