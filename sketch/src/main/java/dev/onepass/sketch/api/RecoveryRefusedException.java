// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.api;

/** Reports that a query sketch cannot recover with the sparsity that the caller requests. */
public final class RecoveryRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message the requested sparsity, and why it is refused
   */
  public RecoveryRefusedException(String message) {
    super(message);
  }
}
