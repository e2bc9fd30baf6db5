// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.background;

import dev.onepass.sketch.annotations.PublicEvolving;

/**
 * Reports that long work was given up because its thread was interrupted. The interrupt flag of the
 * thread is still set. No part of the work is left behind, so it can be begun again.
 */
@PublicEvolving
public final class InterruptedWorkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public InterruptedWorkException() {
    super("interrupted before the work was done");
  }

  /**
   * Returns if the current thread is not interrupted; does not change the interrupt flag.
   *
   * @throws InterruptedWorkException if the current thread is interrupted
   */
  public static void check() {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedWorkException();
    }
  }
}
