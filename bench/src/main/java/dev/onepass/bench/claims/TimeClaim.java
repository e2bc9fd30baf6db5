// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.claims;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Columns;
import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.measure.Setup;
import dev.onepass.bench.report.BarPlot;
import dev.onepass.bench.report.Table;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import dev.onepass.datasets.progress.Progress;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.QuerySketch;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;

/** The claim that the time for a token and for a query does not depend on n. */
final class TimeClaim implements Claim {
  private static final int QUERIES = 64;
  private static final int SPARSITY = 16;
  private static final long WARM_UP_NANOS = 200_000_000;
  private static final double DEVIATION = 0.3;

  @Override
  public String name() {
    return "time";
  }

  @Override
  public String title() {
    return "Time for a token and for a query";
  }

  @Override
  public String claim() {
    return "The time for a token and for a query depends on the sizes of the sketch, not on the"
        + " number of tokens.";
  }

  @Override
  public String measured() {
    return Words.text(
        "One thread, medians of repeated runs after a warm-up, without further"
            + " precautions. Tokens are folded in blocks of %d; %d fresh queries are answered at"
            + " once, over the smaller and over the larger n; queries are added to the query"
            + " side (k = %d, eps1 = 0.5). 'decode' recovers all columns once; the number of"
            + " queries is the smaller n, and the time grows with it. 'exact' keeps all tokens.",
        Attention.BLOCK, QUERIES, SPARSITY);
  }

  /** A stream, the setup of its sketch, and the size shown in the table. */
  private record Case(Head head, Setup setup, String size) {}

  private record Result(
      Case of, double token, double querySmall, double queryLarge, double added, double decode) {}

  @Override
  public Finding measure(Setting setting) {
    int large = setting.pick(8_192, 32_768);
    int small = large / 8;
    Head narrow =
        Planted.gaussian(large + QUERIES, 4, 8, DEVIATION, Planted.Values.SIGNAL, setting.seed());
    Head wide =
        Planted.gaussian(large + QUERIES, 32, 32, DEVIATION, Planted.Values.SIGNAL, setting.seed());
    List<Case> cases = new ArrayList<>();
    for (Head head : List.of(narrow, wide)) {
      int degree = head.equals(narrow) ? 8 : 2;
      cases.add(new Case(head, Setup.of("exact", Setup.AMPLE, setting.seed()), "-"));
      String size = "degree " + degree;
      cases.add(
          new Case(head, Setup.of("polynomial", Setup.AMPLE, setting.seed()).degree(degree), size));
      cases.add(new Case(head, onepass("outputs", setting, degree, large), size));
      cases.add(new Case(head, onepass("moments", setting, degree, large), size));
      Setup paper = onepass("paper", setting, degree, large);
      cases.add(new Case(head, paper.m2(head, 256).labelled(paper.label()), size + ", m2 = 256"));
    }
    Table table =
        new Table(
            "d",
            "dv",
            "sketch",
            "size",
            "bytes",
            "token [us]",
            "query at n = " + small + " [us]",
            "query at n = " + large + " [us]",
            "query added [us]",
            "decode [ms]");
    List<Result> results = new ArrayList<>();
    try (ProgressBar bar = Progress.bar("time", cases.size())) {
      for (Case one : cases) {
        results.add(measure(one, small, large, setting.pick(3, 7), table));
        bar.step();
      }
    }
    return new Finding(
        table,
        List.of(plot(results, narrow), plot(results, wide)),
        verdict(results, (double) large / small));
  }

  private static Setup onepass(String form, Setting setting, int degree, int queries) {
    return Setup.onepass(form, Setup.AMPLE, setting.seed())
        .degree(degree)
        .with("onepass.recover-k", SPARSITY)
        .with("onepass.eps1", 0.5)
        .with("onepass.queries", queries);
  }

  private static Result measure(Case one, int small, int large, int runs, Table table) {
    Head head = one.head();
    Setup setup = one.setup();
    // The folds and answers over the smaller part are also the warm-up.
    AttentionSketch little = setup.fold(head, small);
    AttentionSketch much = setup.fold(head, large);
    double token = median(runs, () -> setup.fold(head, large)) / large;
    QueryBlock queries = head.someQueries(large, QUERIES);
    double querySmall = median(runs, () -> Attention.answers(little, queries)) / QUERIES;
    double queryLarge = median(runs, () -> Attention.answers(much, queries)) / QUERIES;
    double added = Double.NaN;
    double decode = Double.NaN;
    if (setup.family().querySide(setup.config(head)).isPresent()) {
      float[][] outputs = Columns.floats(Attention.answers(much, queries));
      QuerySketch side = setup.queries(head);
      added = median(runs, () -> side.add(side.nextRow(), queries, outputs, much)) / QUERIES;
      QuerySketch asked = setup.queries(head);
      for (int i = 0; i < small / QUERIES; i++) {
        asked.add(asked.nextRow(), queries, outputs, much);
      }
      decode = median(Math.min(runs, 3), () -> asked.recover(much, SPARSITY)) / 1e3;
    }
    table.row(
        head.keyDim(),
        head.valueDim(),
        setup.label(),
        one.size(),
        much.stateBytes(),
        token,
        querySmall,
        queryLarge,
        added,
        decode);
    return new Result(one, token, querySmall, queryLarge, added, decode);
  }

  /** Returns the median time of an action in microseconds, after warm-up runs. */
  private static double median(int runs, Runnable action) {
    long warm = System.nanoTime() + WARM_UP_NANOS;
    do {
      action.run();
    } while (System.nanoTime() < warm);
    double[] micros = new double[runs];
    for (int i = 0; i < runs; i++) {
      long start = System.nanoTime();
      action.run();
      micros[i] = (System.nanoTime() - start) / 1e3;
    }
    return Numbers.median(micros);
  }

  private static BarPlot plot(List<Result> all, Head head) {
    List<Result> results = all.stream().filter(r -> r.of().head().equals(head)).toList();
    return new BarPlot(
            "d = %d, dv = %d, %s"
                .formatted(head.keyDim(), head.valueDim(), results.get(1).of().size()),
            "microseconds",
            results.stream().map(r -> r.of().setup().label()).toList())
        .bars("a token", results.stream().map(Result::token).toList())
        .bars("a query", results.stream().map(Result::queryLarge).toList())
        .bars("a query added", results.stream().map(Result::added).toList());
  }

  private static String verdict(List<Result> results, double growth) {
    double[] ratios =
        results.stream()
            .filter(r -> !r.of().setup().label().equals("exact"))
            .mapToDouble(r -> r.queryLarge() / r.querySmall())
            .toArray();
    double exact =
        Arrays.stream(
                results.stream()
                    .filter(r -> r.of().setup().label().equals("exact"))
                    .mapToDouble(r -> r.queryLarge() / r.querySmall())
                    .toArray())
            .max()
            .orElseThrow();
    double[] tokens =
        results.stream()
            .filter(r -> !r.of().setup().label().equals("exact"))
            .mapToDouble(Result::token)
            .sorted()
            .toArray();
    return Words.text(
        "With %.0f times the tokens, a query to a sketch takes %.2f to %.2f times as long, and a"
            + " query to 'exact' up to %.1f times. A token takes %.2g to %.2g us, depending on"
            + " family, form and dimensions.",
        growth,
        Numbers.quantile(ratios, 0),
        Numbers.quantile(ratios, 1),
        exact,
        tokens[0],
        tokens[tokens.length - 1]);
  }
}
