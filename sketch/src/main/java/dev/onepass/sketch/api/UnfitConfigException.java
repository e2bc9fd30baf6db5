// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.api;

/**
 * Reports that a configuration does not fit a family: a parameter is out of range, or the bytes do
 * not suffice. Families turn it into {@link SketchFamily#complaint}.
 */
public final class UnfitConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message one sentence that says what does not fit, and what would
   */
  public UnfitConfigException(String message) {
    super(message);
  }
}
