// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

/** Reports that the preparation of a fold or an answer has failed. */
final class PreparationException extends Exception {
  private static final long serialVersionUID = 1L;

  PreparationException(String message, Throwable cause) {
    super(message, cause);
  }
}
