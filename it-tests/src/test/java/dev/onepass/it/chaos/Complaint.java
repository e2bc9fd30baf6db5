// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import java.util.List;

/** Shortens exceptions to one sentence. */
final class Complaint {

  private static final int LENGTH = 110;

  private Complaint() {}

  /** Returns the innermost cause of a stack trace, without packages, ids and addresses. */
  static String of(String stackTrace) {
    List<String> causes =
        stackTrace
            .lines()
            .filter(line -> !line.startsWith("\tat ") && !line.startsWith("\t..."))
            .toList();
    String cause =
        causes.stream()
            .filter(line -> line.startsWith("Caused by: "))
            .reduce((one, next) -> next)
            .orElse(causes.isEmpty() ? "" : causes.get(0))
            .replaceFirst("^Caused by: ", "")
            .replaceFirst("^(\\w+\\.)+", "")
            .replaceAll(
                "(?:localhost|127\\.0\\.0\\.1)(?:/127\\.0\\.0\\.1)?(?::\\d+)?(?:-[0-9a-f]+)?",
                "HOST")
            .replaceAll("[0-9a-f]{32}", "ID")
            .replaceAll("\\s+", " ")
            .strip();
    return cause.length() <= LENGTH ? cause : cause.substring(0, LENGTH) + "…";
  }
}
