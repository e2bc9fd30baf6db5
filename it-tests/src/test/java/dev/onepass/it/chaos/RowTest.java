// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowTest {

  private static final Cell ALO = new Cell(Disturbance.BROKER_KILLED, Mode.AT_LEAST_ONCE);
  private static final Cell EO = new Cell(Disturbance.BROKER_KILLED, Mode.EXACTLY_ONCE);
  private static final Cell BEYOND =
      new Cell(Disturbance.CRASH_BEYOND_TRANSACTION_TIMEOUT, Mode.EXACTLY_ONCE);
  private static final OptionalLong UNREPORTED = OptionalLong.empty();

  @TempDir Path folder;

  @Test
  void reportsLostQueriesAndWrongAnswers() {
    assertThat(row(ALO, 0, 0, 0, UNREPORTED).broken()).isEmpty();
    assertThat(row(ALO, 1, 0, 0, UNREPORTED).broken())
        .containsExactly(
            "broker-killed.at-least-once: 1 queries have neither an answer nor a dead letter");
    assertThat(row(ALO, 0, 0, 1, UNREPORTED).broken())
        .containsExactly("broker-killed.at-least-once: 1 answers are wrong");
  }

  @Test
  void reportsDuplicatesUnderExactlyOnceOnly() {
    assertThat(row(ALO, 0, 3, 0, UNREPORTED).broken()).isEmpty();
    assertThat(row(EO, 0, 3, 0, UNREPORTED).broken())
        .containsExactly("broker-killed.exactly-once: 3 queries were answered more than once");
  }

  @Test
  void reportsALossThatTheJobDidNotCount() {
    assertThat(row(BEYOND, 7, 0, 0, UNREPORTED).broken()).isEmpty();
    assertThat(row(BEYOND, 7, 0, 0, OptionalLong.of(7)).broken()).isEmpty();
    assertThat(row(BEYOND, 7, 0, 0, OptionalLong.of(6)).broken())
        .containsExactly(
            "crash-beyond-transaction-timeout.exactly-once: the job counted 6 lost answers instead of"
                + " 7");
  }

  @Test
  void reportsALossAfterTheDisturbance() {
    Row row =
        new Row(
            BEYOND,
            9,
            5,
            2,
            0,
            0,
            Optional.of(Duration.ZERO),
            Duration.ZERO,
            0,
            0,
            UNREPORTED,
            "nothing");
    assertThat(row.broken())
        .containsExactly(
            "crash-beyond-transaction-timeout.exactly-once: 2 queries were lost that were sent after"
                + " everything was up again");
  }

  @Test
  void reportsThatAnswersNeverResumed() {
    Row never =
        new Row(ALO, 9, 0, 0, 0, 0, Optional.empty(), Duration.ZERO, 0, 0, UNREPORTED, "nothing");
    assertThat(never.broken())
        .containsExactly("broker-killed.at-least-once: answers never resumed");
  }

  @Test
  void tablesEscapeWhatAUserSees() throws Exception {
    Table table = new Table(folder);
    table.add(
        new Row(
            EO,
            9,
            0,
            0,
            0,
            0,
            Optional.of(Duration.ofMillis(1_250)),
            Duration.ofMillis(3_040),
            1,
            2,
            UNREPORTED,
            "a | \"b\""));
    assertThat(table.markdown())
        .contains("| 9 | 0 | 0 | 0 | 1.3 | 3.0 | 1 | 2 | a \\| \"b\" |")
        .startsWith("| disturbance | delivery | asked |");
    assertThat(folder.resolve("chaos.md")).hasContent(table.markdown());
    assertThat(folder.resolve("chaos.csv")).hasContent(table.csv());
    assertThat(table.csv())
        .contains("\"9\",\"0\",\"0\",\"0\",\"1.3\",\"3.0\",\"1\",\"2\",\"a | \"\"b\"\"\"");
  }

  @Test
  void reportsACellWithoutAResult() {
    Table table = new Table(folder);
    table.addFailure(EO, new IllegalStateException("no checkpoint"));
    assertThat(table.broken())
        .containsExactly(
            "broker-killed.exactly-once: no result: java.lang.IllegalStateException: no checkpoint");
  }

  private static Row row(Cell cell, int lost, int doubled, int wrong, OptionalLong lostAnswers) {
    return new Row(
        cell,
        99,
        lost,
        0,
        doubled,
        wrong,
        Optional.of(Duration.ofSeconds(1)),
        Duration.ofSeconds(2),
        1,
        0,
        lostAnswers,
        "nothing");
  }
}
