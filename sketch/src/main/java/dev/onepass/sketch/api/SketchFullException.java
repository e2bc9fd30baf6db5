// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.api;

/** Reports that a family that keeps whole tokens has no room for more within its byte bound. */
public final class SketchFullException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message how many tokens fit
   */
  public SketchFullException(String message) {
    super(message);
  }
}
