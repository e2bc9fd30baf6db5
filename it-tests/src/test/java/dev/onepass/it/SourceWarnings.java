// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;

/** Collects the warnings that a package of the job writes to the log; its sources by default. */
final class SourceWarnings extends AbstractAppender {

  private static final String SOURCES = "dev.onepass.job.kafka.source";

  private final String loggerName;
  private final Queue<String> warnings = new ConcurrentLinkedQueue<>();

  SourceWarnings() {
    this(SOURCES);
  }

  SourceWarnings(String packageName) {
    super("warnings", null, null, true, Property.EMPTY_ARRAY);
    loggerName = packageName;
  }

  /** Starts to collect. */
  void start(LoggerContext context) {
    start();
    LoggerConfig logger = new LoggerConfig(loggerName, Level.WARN, true);
    logger.addAppender(this, Level.WARN, null);
    context.getConfiguration().addLogger(loggerName, logger);
    context.updateLoggers();
  }

  /** Stops collecting. */
  void stop(LoggerContext context) {
    context.getConfiguration().removeLogger(loggerName);
    context.updateLoggers();
    stop();
  }

  @Override
  public void append(LogEvent event) {
    warnings.add(event.getMessage().getFormattedMessage());
  }

  /** Returns the warnings about a topic. */
  List<String> about(String topic) {
    return warnings.stream().filter(warning -> warning.contains("topic " + topic)).toList();
  }

  /** Tells whether a whole warning matches a pattern. */
  boolean match(Pattern pattern) {
    return warnings.stream().anyMatch(pattern.asMatchPredicate());
  }
}
