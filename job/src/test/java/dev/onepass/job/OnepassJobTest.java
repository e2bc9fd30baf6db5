// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.job.cli.PublishAnchors;
import dev.onepass.job.options.OptionsException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.testutils.logging.LoggerAuditingExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.Level;

class OnepassJobTest {

  @RegisterExtension
  private final LoggerAuditingExtension logged =
      new LoggerAuditingExtension(OnepassJob.class, Level.INFO);

  @Test
  void problemsOfOptionsAreListedWithoutACause() {
    assertThatThrownBy(() -> OnepassJob.main(new String[] {"--sketch.type", "magic"}))
        .isInstanceOf(OptionsException.class)
        .hasMessageStartingWith("The job cannot start with these options:\n  - ")
        .hasMessageContaining("\n  - kafka.bootstrap.servers is missing; set ")
        .hasMessageContaining("\n  - sketch.key-dim is missing; set ")
        .hasMessageContaining("\n  - sketch.type: 'magic' is not known; set ")
        .hasNoCause();
  }

  @Test
  void exactlyOnceNeedsCheckpoints() {
    assertThatThrownBy(
            () ->
                OnepassJob.main(
                    new String[] {
                      "--kafka.bootstrap.servers=localhost:1",
                      "--sketch.key-dim=4",
                      "--kafka.delivery-guarantee=exactly-once",
                      "--kafka.transactional-id-prefix=p"
                    }))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("kafka.delivery-guarantee is exactly-once, but checkpoints are off")
        .hasMessageContaining("-Dexecution.checkpointing.interval=10s");
  }

  /** One log record lists every option, without secrets. */
  @Test
  void optionsInForceAreLoggedOnce() {
    assertThatThrownBy(
            () ->
                OnepassJob.main(
                    new String[] {
                      "--kafka.bootstrap.servers=localhost:1",
                      "--sketch.key-dim=4",
                      "--kafka.properties.ssl.key.password=hunter2",
                      "--kafka.properties.no.such=hunter2",
                      "--kafka.delivery-guarantee=exactly-once",
                      "--kafka.transactional-id-prefix=p"
                    }))
        .isInstanceOf(OptionsException.class);
    assertThat(logged.getMessages())
        .hasSize(2)
        .noneMatch(line -> line.contains("hunter2"))
        .anyMatch(
            line ->
                line.startsWith("Options in force:")
                    && line.contains("\n  sketch.key-dim = 4\n")
                    && line.contains("\n  as-of.timeout = 1 min (default)\n")
                    && line.contains("\n  head.default.scale = 0.5\n")
                    && line.contains("\n  kafka.properties.ssl.key.password = ***"))
        .anyMatch(
            line -> line.startsWith("kafka.properties.*: Kafka's clients do not know [no.such]"));
  }

  /** Kafka's producers may keep a transaction open for a minute. */
  @ParameterizedTest
  @CsvSource({
    "event-time, 59 s, true",
    "event-time, 1 min, false",
    "event-time, 5 min, false",
    "arrival, , false"
  })
  void idlenessShorterThanATransactionGivesAWarning(String mode, String idleness, boolean warned) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--kafka.bootstrap.servers=localhost:1",
                "--sketch.key-dim=4",
                "--kafka.delivery-guarantee=exactly-once",
                "--kafka.transactional-id-prefix=p",
                "--order.mode=" + mode));
    if (idleness != null) {
      arguments.add("--order.idleness=" + idleness);
    }
    // The start fails at the check of Flink's settings.
    assertThatThrownBy(() -> OnepassJob.main(arguments.toArray(String[]::new)))
        .hasMessageContaining("checkpoints are off");
    assertThat(
            logged.getMessages().stream()
                .anyMatch(
                    line ->
                        line.startsWith("order.idleness is 59 s")
                            && line.contains("transaction.timeout.ms")))
        .isEqualTo(warned);
  }

  @Test
  void publishingNeedsAFile() {
    assertThatThrownBy(
            () ->
                PublishAnchors.main(
                    new String[] {"--kafka.bootstrap.servers=localhost:1", "--sketch.key-dim=4"}))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("anchors.file is missing; set the file");
  }
}
