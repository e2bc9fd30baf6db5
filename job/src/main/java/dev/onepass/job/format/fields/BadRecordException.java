// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.fields;

/** A record that is refused. The message begins with the field and goes to the dead letter. */
public final class BadRecordException extends Exception {
  private static final long serialVersionUID = 1L;

  private static final int MOST_SHOWN = 100;

  /**
   * @param message name of the field, and what is wrong
   */
  public BadRecordException(String message) {
    super(message, null, false, false);
  }

  /** Returns a text of the record, shortened if it is long. */
  public static String shown(String text) {
    return text.length() <= MOST_SHOWN
        ? text
        : "%s... (%d characters)".formatted(text.substring(0, MOST_SHOWN), text.length());
  }
}
