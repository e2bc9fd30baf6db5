// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds warnings of the job's own classes in the log of a task manager. */
final class Warning {

  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss,SSS");
  private static final Pattern LINE =
      Pattern.compile("^(\\d\\d:\\d\\d:\\d\\d,\\d{3}) (?:WARN |ERROR) d\\.o\\.\\S+ - (.*)$");

  private Warning() {}

  /** Returns the first warning since the given time of today, shortened. */
  static Optional<String> firstSince(Instant since, String log) {
    String from = TIME.format(since.atZone(ZoneId.systemDefault()));
    return log.lines()
        .map(LINE::matcher)
        .filter(Matcher::matches)
        .filter(line -> line.group(1).compareTo(from) >= 0)
        .map(line -> Complaint.of(line.group(2)))
        .findFirst();
  }
}
