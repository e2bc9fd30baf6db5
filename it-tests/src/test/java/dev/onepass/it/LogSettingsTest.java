// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.AbstractConfiguration;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.ConfigurationSource;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.core.config.properties.PropertiesConfigurationFactory;
import org.apache.logging.log4j.core.config.xml.XmlConfiguration;
import org.junit.jupiter.api.Test;

/** Checks that logs leave out a meaningless warning that Flink writes at each checkpoint. */
class LogSettingsTest {

  private static final String METRICS = "org.apache.flink.metrics.MetricGroup";
  private static final String COLLISION =
      "Name collision: Group already contains a Metric with the name '%s'. Metric will not be reported.[host, taskmanager]";

  private static final Path IMAGE = Path.of("../docker/flink/log4j-console.properties");
  private static final Path DEMO = Path.of("../demo/src/main/resources/onepass-demo-log4j2.xml");

  @Test
  void imageLeavesOutTheWarning() throws IOException {
    // The test needs no log file.
    String settings = Files.readString(IMAGE).replaceAll("(?m)^.*(appender|Ref)[.]file[.].*$", "");
    Configuration image =
        new PropertiesConfigurationFactory()
            .getConfiguration(new LoggerContext("image"), source(settings));
    assertThat(logged(image)).containsExactly("pendingCommittables");
  }

  @Test
  void demoLeavesOutTheWarning() throws IOException {
    String settings = Files.readString(DEMO).replaceAll("(?s)<Appenders>.*</Appenders>", "");
    settings = settings.replaceAll("<AppenderRef.*?/>", "");
    Configuration demo = new XmlConfiguration(new LoggerContext("demo"), source(settings));
    assertThat(logged(demo)).containsExactly(COLLISION.formatted("answers"), "pendingCommittables");
  }

  private static ConfigurationSource source(String settings) throws IOException {
    return new ConfigurationSource(
        new ByteArrayInputStream(settings.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<String> logged(Configuration settings) {
    List<String> logged = new ArrayList<>();
    AbstractAppender appender =
        new AbstractAppender("list", null, null, false, Property.EMPTY_ARRAY) {
          @Override
          public void append(LogEvent event) {
            logged.add(event.getMessage().getFormattedMessage());
          }
        };
    appender.start();
    try (LoggerContext context = new LoggerContext("test")) {
      context.start((AbstractConfiguration) settings);
      settings.getRootLogger().addAppender(appender, null, null);
      if (!settings.getLoggerConfig("dev.onepass").isAdditive()) {
        settings.getLoggerConfig("dev.onepass").addAppender(appender, null, null);
      }
      context.getLogger(METRICS).warn(COLLISION.formatted("pendingCommittables"));
      context.getLogger(METRICS).warn(COLLISION.formatted("answers"));
      context.getLogger("dev.onepass").warn("pendingCommittables");
    }
    return logged;
  }
}
