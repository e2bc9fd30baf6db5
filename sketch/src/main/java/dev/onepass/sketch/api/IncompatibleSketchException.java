// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.api;

/**
 * Reports that two sketches do not describe tokens in the same terms, so that their sums must not
 * be added.
 */
public final class IncompatibleSketchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what differs
   */
  public IncompatibleSketchException(String message) {
    super(message);
  }
}
