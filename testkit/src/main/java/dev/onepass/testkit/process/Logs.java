// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.process;

import java.nio.file.Path;

/** The log settings of processes: they log to standard error. */
final class Logs {

  static final String SETTINGS =
      """
      rootLogger.level = WARN
      rootLogger.appenderRef.console.ref = Console
      appender.console.type = Console
      appender.console.name = Console
      appender.console.target = SYSTEM_ERR
      appender.console.layout.type = PatternLayout
      appender.console.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1.} - %m%n
      logger.flink.name = org.apache.flink
      logger.flink.level = INFO
      logger.onepass.name = dev.onepass
      logger.onepass.level = INFO
      """;

  private Logs() {}

  static String flag(Path settings) {
    return "-Dlog4j.configurationFile=" + settings.toUri();
  }
}
