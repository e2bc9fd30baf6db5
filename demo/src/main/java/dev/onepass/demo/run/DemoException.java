// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.run;

/** A failed step. The message is one sentence for the user. */
public final class DemoException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Exit code of a run that could not start, because of a file, a port, memory or an option. */
  public static final int IMPOSSIBLE = 2;

  /** Exit code of a run in which the job failed or lost something. */
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
