package dev.onepass.sketch.background;

/**
 * Says that long work was given up because its thread was interrupted. The thread's interrupt flag
 * is still set, and nothing of the work is left behind: it can be begun anew.
 */
public final class InterruptedWorkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says that work was interrupted. */
  public InterruptedWorkException() {
    super("interrupted before the work was done");
  }

  /**
   * Goes on, unless the current thread has been interrupted. Leaves the interrupt flag as it is.
   *
   * @throws InterruptedWorkException if it has
   */
  public static void check() {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedWorkException();
    }
  }
}
