// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors;

/**
 * Thrown for a record of the anchors topic that does not hold a usable set of a declared head. The
 * message begins with the part of the record at fault and serves as the reason of a dead letter.
 */
public final class RefusedSetException extends Exception {
  private static final long serialVersionUID = 1L;

  RefusedSetException(String message) {
    super(message);
  }

  RefusedSetException(String message, Throwable cause) {
    super(message, cause);
  }
}
