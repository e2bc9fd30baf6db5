// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.methods.Method;
import dev.onepass.bench.report.Output;
import dev.onepass.bench.trials.Feed;
import dev.onepass.bench.trials.FleetTests;
import dev.onepass.bench.trials.TestSet;
import dev.onepass.bench.trials.Trial;
import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetReportTest {
  @TempDir private Path directory;

  private static FleetReport.Cell cell(String method, String size) {
    return new FleetReport.Cell("A", method, StateSize.parse(size));
  }

  private static FleetTests.Sequence sequence(int number, int tokens, double[]... exact) {
    float[] rows = new float[tokens * 2];
    Head head = new Head("A", tokens, 1, 2, rows, rows, rows, 1);
    QueryBlock queries = new QueryBlock(new float[exact.length], exact.length, 1, 1);
    return new FleetTests.Sequence(
        number, Feed.of(head), new TestSet(queries, exact, new double[exact.length], 1));
  }

  private static Trial.Outcome outcome(
      float[] errors, boolean exact, long bytes, double micros, float[]... outputs) {
    return new Trial.Outcome(
        new Method.Answered(outputs, errors), exact, bytes, 500, micros, 2 * micros);
  }

  /** A score with given sums of squares and times; other numbers do not matter. */
  private static FleetScore score(
      double relF, long bytes, Map<Integer, FleetScore.Squares> squares) {
    return new FleetScore(bytes, bytes, 0, 0, 100, relF, relF, Double.NaN, 1, 1, squares);
  }

  private static FleetScore.Squares squares(double relF, double size) {
    return new FleetScore.Squares(relF * relF * size, size);
  }

  @Test
  void aScorePoolsTheQueriesOfAllSequences() {
    FleetTests tests =
        new FleetTests(
            List.of(
                sequence(3, 10, new double[] {3, 4}, new double[] {0, 12}),
                sequence(8, 30, new double[] {6, 8})));

    FleetScore score =
        FleetScore.of(
            tests,
            List.of(
                outcome(
                    new float[] {0.3f, Float.NaN},
                    false,
                    900,
                    1,
                    new float[] {3, 5},
                    new float[] {2, 12}),
                outcome(new float[] {0.1f}, true, 1_000, 3, new float[] {6, 11})));

    // Differences 1, 2 and 3 from vectors of sizes 5, 12 and 10.
    assertThat(score.relF()).isCloseTo(Math.sqrt(14.0 / (25 + 144 + 100)), within(1e-12));
    assertThat(score.relFs()).hasSize(2);
    assertThat(score.relFs()[0]).isCloseTo(Math.sqrt(5.0 / (25 + 144)), within(1e-12));
    assertThat(score.relFs()[1]).isCloseTo(0.3, within(1e-12));
    assertThat(score.median()).isCloseTo(0.2, within(1e-12));
    assertThat(score.p95()).isCloseTo(0.29, within(1e-12));
    assertThat(score.coverage90()).isEqualTo(0.5);
    assertThat(score.exactShare()).isEqualTo(0.5);
    assertThat(score.stateBytesMean()).isEqualTo(950);
    assertThat(score.stateBytesMax()).isEqualTo(1_000);
    assertThat(score.sharedBytes()).isEqualTo(500);
    assertThat(score.tokensMedian()).isEqualTo(20);
    assertThat(score.foldMicros()).isEqualTo(2);
    assertThat(score.queryMicros()).isEqualTo(4);
  }

  @Test
  void rowsAreMeansOverSeeds() {
    FleetReport report = new FleetReport(2);
    report.add(cell("x", "2KiB"), score(0.1, 1_000, Map.of(1, squares(0.3, 10))));
    report.add(cell("x", "2KiB"), score(0.2, 1_500, Map.of(5, squares(0.5, 90))));

    String[] rows = report.table().toCsv().split("\n");

    assertThat(rows[0])
        .isEqualTo(
            "head,sketch,state_bytes_allowed,state_bytes_mean,state_bytes_max,shared_bytes,"
                + "sequences,exact_share,tokens_median,median,p95,relF,relF_low,relF_high,"
                + "relF_mean,coverage90,fold_us_per_token,query_us,relF_median");
    // A draw without a sequence of a seed leaves that seed out: a quarter gives 0.3, one 0.5.
    assertThat(rows[1])
        .isEqualTo("A,x,2048,1250,1500,0,1,0,100,0.15,0.15,0.4,0.3,0.5,0.4,,1,1,0.4");
    assertThat(rows).hasSize(2);
  }

  @Test
  void aCellThatIsVoidWithOneSeedHasNoRow() {
    FleetReport report = new FleetReport(2);
    report.add(cell("x", "2KiB"), score(0.1, 1_000, Map.of(1, squares(0.3, 10))));

    assertThat(report.table().isEmpty()).isTrue();
    assertThat(report.plots("A")).isEmpty();
  }

  @Test
  void aSequenceCountsOnceInTheIntervalHoweverManySeedsTestIt() {
    FleetReport once = new FleetReport(1);
    FleetReport thrice = new FleetReport(3);
    Map<Integer, FleetScore.Squares> all =
        Map.of(1, squares(0.2, 10), 2, squares(0.4, 20), 3, squares(0.8, 5));
    once.add(cell("x", "2KiB"), score(0.1, 1_000, all));
    for (int seed = 0; seed < 3; seed++) {
      thrice.add(cell("x", "2KiB"), score(0.1, 1_000, all));
    }

    assertThat(thrice.table().toCsv()).isEqualTo(once.table().toCsv());
  }

  @Test
  void aPlotHasALineForEachMethodAndBars() throws IOException {
    FleetReport report = new FleetReport(1);
    for (String size : new String[] {"4KiB", "2KiB"}) {
      for (String method : new String[] {"uniform", "cluster"}) {
        report.add(
            cell(method, size),
            score(0.1, 1_000, Map.of(1, squares(0.2, 10), 2, squares(0.9, 10))));
      }
    }

    assertThat(report.plots("A")).hasSize(1);
    assertThat(report.plots("B")).isEmpty();
    new Output(directory).picture("fleet", report.plots("A"));
    if (Files.exists(directory.resolve("fleet.png"))) {
      assertThat(Files.size(directory.resolve("fleet.png"))).isBetween(10_000L, 150_000L);
    }
  }
}
