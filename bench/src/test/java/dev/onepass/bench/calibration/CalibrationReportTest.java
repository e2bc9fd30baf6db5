// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.calibration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.report.Output;
import dev.onepass.bench.trials.AnswerErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrationReportTest {
  @TempDir private Path directory;

  /** Returns errors of which nine in ten lie below {@code factor} times the stated error. */
  private static AnswerErrors errors(double factor, long seed) {
    Random random = new Random(seed);
    double[] stated = new double[2_000];
    double[] actual = new double[2_000];
    for (int q = 0; q < stated.length; q++) {
      stated[q] = 0.05 * Math.exp(random.nextGaussian());
      actual[q] = factor * stated[q] * random.nextDouble() / 0.9;
    }
    return new AnswerErrors(actual, stated);
  }

  private static CalibrationReport.Cell cell(String asking, String method, String size) {
    return new CalibrationReport.Cell("A", asking, method, StateSize.parse(size));
  }

  private static CalibrationReport report() {
    AnswerErrors none = new AnswerErrors(new double[] {1}, new double[] {Double.NaN});
    AnswerErrors logs = errors(0.5, 5);
    CalibrationReport report = new CalibrationReport();
    report.add(cell("A", "careful", "32KiB"), errors(0.5, 1), errors(2, 6));
    report.add(cell("A", "right", "8KiB"), errors(1, 2), logs);
    report.add(cell("A", "right", "8KiB"), errors(1, 3), logs);
    report.add(cell("B", "right", "8KiB"), errors(2, 4), logs);
    report.add(cell("A", "silent", "8KiB"), none, none);
    return report;
  }

  @Test
  void rowsCombineTheAnswersOfAllRuns() {
    String[] rows = report().table().toCsv().split("\n");
    assertThat(rows).hasSize(4);
    assertThat(rows[0])
        .isEqualTo(
            "head,queries_of,sketch,state_bytes_allowed,answers,coverage90,ratio_median,ratio_90,"
                + "stated_median,actual_median,log_coverage90,log_stated_median,"
                + "log_actual_median,spearman,stated_over_actual,width,unstated_share");
    assertThat(rows[1])
        .matches(
            "A,A,careful,32768,2000,1,0[.]2[78]\\d*,0[.](49|50)\\d*,.*,0[.]4[456]\\d*,0[.]0(49|5)\\d*,0[.]0[45]\\d*,"
                + "0[.][5-9]\\d*,3[.][56]\\d*,0[.]0(49|5)\\d*,0");
    assertThat(rows[2]).matches("A,A,right,8192,4000,(0[.]90|0[.]89)\\d*,0[.]5\\d*,.*");
    assertThat(rows[3]).matches("A,B,right,8192,2000,0[.]4\\d*,.*");
  }

  @Test
  void answersWithoutAStatedErrorCountAsUnstatedOnly() {
    CalibrationReport report = new CalibrationReport();
    AnswerErrors logs = errors(1, 1);
    report.add(
        cell("A", "some", "8KiB"),
        new AnswerErrors(new double[] {0.1, 7}, new double[] {0.2, Double.NaN}),
        logs);
    report.add(
        cell("A", "some", "8KiB"),
        new AnswerErrors(new double[] {0.4, 0.2}, new double[] {0.8, 0.2}),
        logs);

    String[] rows = report.table().toCsv().split("\n");

    // True errors 0.1, 0.4, 0.2 have ranks 1, 3, 2; stated ones 0.2, 0.8, 0.2 have 1.5, 3, 1.5.
    assertThat(rows[1])
        .startsWith("A,A,some,8192,3,1,0.5,0.9,0.2,0.2,")
        .endsWith(",0.866025,2,0.31748,0.25");
  }

  @Test
  void picturesHaveAPanelForEachSize() throws IOException {
    assertThat(report().plots("A")).hasSize(2);
    assertThat(report().plots("B")).isEmpty();
    new Output(directory).picture("calibration", report().plots("A"));
    if (Files.exists(directory.resolve("calibration.png"))) {
      assertThat(Files.size(directory.resolve("calibration.png"))).isBetween(10_000L, 150_000L);
    }
  }
}
