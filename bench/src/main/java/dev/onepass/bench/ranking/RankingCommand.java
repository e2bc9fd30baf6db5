// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.ranking;

import dev.onepass.bench.cli.Help;
import dev.onepass.bench.cli.Results;
import dev.onepass.bench.cli.StateSize;
import dev.onepass.bench.report.Table;
import dev.onepass.bench.trials.Cells;
import dev.onepass.bench.trials.FleetCells;
import dev.onepass.bench.trials.FleetTests;
import dev.onepass.bench.trials.Trial;
import dev.onepass.datasets.fleets.Fleet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that measures how well answers rank the items that users may choose next. */
@Command(
    name = "ranking",
    usageHelpWidth = 100,
    sortOptions = false,
    description = {
      "Measures how well answers rank candidates on the fleet of a recommender, whose DIR also holds",
      "HEAD_I.npy (int32, the item of each row). Sequences are split and fed as by 'fleet'. At some of",
      "the late rows of a tested sequence, the item that the user chose is ranked among others, which",
      "are drawn by their popularity up to then. A candidate with query q scores q . A(q). Prints",
      "NDCG@10 of the user's choice, the same by exact attention, and Kendall's tau between the scores",
      "and those of exact attention.",
      ""
    })
public final class RankingCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private Cells cells;

  @Mixin private FleetCells fleets;

  @Mixin private Results results;

  @Option(
      names = "--candidates",
      paramLabel = "N",
      defaultValue = "100",
      description =
          "Number of candidates, the chosen item included, at least 2 (default: ${DEFAULT-VALUE}).")
  private int candidates;

  @Option(
      names = "--moments",
      paramLabel = "N",
      defaultValue = "8",
      description =
          "Maximum number of rankings of a sequence, at least 1 (default: ${DEFAULT-VALUE}).")
  private int moments;

  @Mixin private Help help;

  private record Cell(String head, String method, StateSize size) {}

  /** One score for each seed. */
  private final Map<Cell, List<RankingScore>> runs = new LinkedHashMap<>();

  @Override
  public Integer call() throws IOException {
    require(candidates >= 2, "--candidates must be at least 2, not " + candidates);
    require(moments >= 1, "--moments must be at least 1, not " + moments);
    results.open();
    for (String name : cells.heads()) {
      measure(cells.fleet(name));
      results.write(table(), "ranking-" + name, List.of());
    }
    System.out.print(table().toMarkdown());
    return 0;
  }

  private void require(boolean condition, String complaint) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), complaint);
    }
  }

  private void measure(Fleet fleet) throws IOException {
    String name = fleet.head().name();
    if (fleet.items().isEmpty()) {
      throw new IOException(name + " has no items; a ranking needs " + name + "_I.npy");
    }
    if (fleet.head().valueDim() != fleet.head().keyDim()) {
      throw new IOException(
          name + " has values of another length than its queries, so q . A(q) does not exist");
    }
    // The numbers of candidates of each sequence, which its queries are joined from.
    Map<Integer, int[]> counts = new HashMap<>();
    fleets.measure(
        cells,
        fleet,
        seed -> {
          Candidates ofSeed = new Candidates(fleet, candidates, moments, seed);
          return asked -> {
            counts.put(
                asked.sequence(),
                Arrays.stream(ofSeed.rows(asked)).mapToInt(rows -> rows.length).toArray());
            return ofSeed.queries(asked);
          };
        },
        (method, size, tests, outcomes) ->
            runs.computeIfAbsent(new Cell(name, method.name(), size), ignored -> new ArrayList<>())
                .add(score(tests, outcomes, counts)));
  }

  private static RankingScore score(
      FleetTests tests, List<Trial.Outcome> outcomes, Map<Integer, int[]> counts) {
    RankingScore.Builder score = new RankingScore.Builder();
    for (int i = 0; i < outcomes.size(); i++) {
      FleetTests.Sequence sequence = tests.all().get(i);
      score.add(
          counts.get(sequence.number()),
          sequence.test().queries(),
          outcomes.get(i).answered().outputs(),
          sequence.test().exact());
    }
    return score.build();
  }

  private Table table() {
    Table table =
        new Table(
            "head",
            "sketch",
            "state_bytes_allowed",
            "rankings",
            "ndcg10",
            "ndcg10_exact",
            "kendall_tau");
    runs.forEach(
        (cell, ofCell) -> {
          if (ofCell.size() == cells.seeds().length) {
            table.row(
                cell.head(),
                cell.method(),
                cell.size().bytes(),
                ofCell.get(0).moments(),
                mean(ofCell, RankingScore::ndcg10),
                mean(ofCell, RankingScore::exactNdcg10),
                mean(ofCell, RankingScore::kendall));
          }
        });
    return table;
  }

  private static double mean(List<RankingScore> runs, ToDoubleFunction<RankingScore> number) {
    return runs.stream().mapToDouble(number).average().orElseThrow();
  }
}
