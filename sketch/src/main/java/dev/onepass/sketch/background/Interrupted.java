package dev.onepass.sketch.background;

import java.util.concurrent.CancellationException;

/** Lets long work end soon after its thread is interrupted. */
public final class Interrupted {

  private Interrupted() {}

  /**
   * Goes on, unless the thread is interrupted.
   *
   * @throws CancellationException if it is; it stays interrupted
   */
  public static void check() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("interrupted while an anchor set was made");
    }
  }
}
