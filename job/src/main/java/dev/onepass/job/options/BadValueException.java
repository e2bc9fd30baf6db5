// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

/** A value that cannot be read. The message says what to write, and does not repeat the value. */
public final class BadValueException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what to write instead
   */
  public BadValueException(String message) {
    super(message, null, false, false);
  }
}
