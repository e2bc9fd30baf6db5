// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.wire;

import dev.onepass.sketch.annotations.PublicEvolving;

/**
 * Reports bytes that are not a sketch. It is the only exception that hostile or damaged bytes
 * cause, whatever is wrong with them.
 */
@PublicEvolving
public final class CorruptSketchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what is wrong with the bytes
   */
  public CorruptSketchException(String message) {
    super(message);
  }
}
