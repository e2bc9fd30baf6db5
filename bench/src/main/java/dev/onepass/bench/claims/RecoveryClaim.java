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
import dev.onepass.sketch.api.Recovery;
import dev.onepass.sketch.blocks.QueryBlock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;

/** The claim that columns of Y can be recovered up to (1 + eps1) times their tail. */
final class RecoveryClaim implements Claim {
  private static final int DIM = 4;
  private static final int DEGREE = 14;
  private static final int SPARSITY = 16;
  private static final double TAIL = 0.014;
  private static final double BOUND = 3.6;
  private static final double EPS1 = 0.5;

  /** Number of queries added at a time. */
  private static final int BLOCK = 512;

  @Override
  public String name() {
    return "recovery";
  }

  @Override
  public String title() {
    return "Sparse recovery of the columns of Y";
  }

  @Override
  public String claim() {
    return "With probability 0.99, |T_i - y_i| <= (1 + eps1) min over k-sparse y' of |y' - y_i| +"
        + " eps2 for each column i (abstract). In the bound derived here, the last term is eps2"
        + " |V_i|.";
  }

  @Override
  public String measured() {
    return Words.text(
        "k = %d, eps1 = %.1f (%d buckets in each row of Phi), n queries over n tokens. All"
            + " errors are relative to |y_i|. 'tail' is the smallest error possible with %d"
            + " entries, '|T - y|' the median over columns of the error after recovery, 'worst'"
            + " the error of the worst column, and 'estimated' the error that recovery itself"
            + " reports. 'within bound' is the share of columns with |T - y| <= (1 + eps1) tail,"
            + " without the eps2 term. That term has its own column, as derived here: e^{2B} (2"
            + " / (m2 delta))^1/2 |V_i|, where B is the bound on the logits for this degree. T ="
            + " 0 has error 1 everywhere; 'T = 0 within' is the share of columns for which even"
            + " T = 0 meets the bound. Planted: d = dv = %d, degree %d, |logit| <= %.1f,"
            + " %d-sparse columns with a tail of %.3f. Real heads: exact outputs of the first n"
            + " queries over the first n tokens.",
        SPARSITY, EPS1, (int) (4 * SPARSITY / EPS1), SPARSITY, DIM, DEGREE, BOUND, SPARSITY, TAIL);
  }

  /** A stream with its exact outputs, and the setup of its sketch. */
  private record Case(String label, Head head, int n, double[][] y, Setup setup) {}

  /** The results of a case, as medians over columns. */
  private record Result(
      String label,
      double tail,
      double error,
      double worst,
      double estimated,
      double within,
      double eps2Term,
      double zeroWithin) {}

  @Override
  public Finding measure(Setting setting) throws IOException {
    List<Case> cases = cases(setting);
    Table table =
        new Table(
            "stream",
            "n",
            "bytes for queries",
            "bytes for tokens",
            "tail",
            "|T - y|",
            "worst",
            "estimated",
            "within bound",
            "eps2 |V_i| / |y_i|",
            "T = 0 within");
    List<Result> results = new ArrayList<>();
    try (ProgressBar bar = Progress.bar("recovery", cases.size())) {
      for (Case one : cases) {
        results.add(measure(one, table));
        bar.step();
      }
    }
    BarPlot plot =
        new BarPlot(
            "Recovery of columns, k = " + SPARSITY,
            "relative to |y|",
            results.stream().map(Result::label).toList());
    plot.bars("best k-sparse (tail)", results.stream().map(Result::tail).toList());
    plot.bars("recovered |T - y|", results.stream().map(Result::error).toList());
    plot.bars("estimated by the sketch", results.stream().map(Result::estimated).toList());
    plot.level("T = 0", 1);
    return new Finding(table, List.of(plot), verdict(results));
  }

  private static List<Case> cases(Setting setting) throws IOException {
    int n = setting.pick(2_048, 8_192);
    Head sparse = Planted.sparse(n, DIM, SPARSITY, BOUND, TAIL, setting.seed());
    double[][] y = Attention.exact(sparse, n, sparse.queries(0, n));
    List<Case> cases = new ArrayList<>();
    cases.add(new Case("planted, exact Y", sparse, n, y, setup("outputs", setting, n)));
    cases.add(
        new Case(
            "planted, moments",
            sparse,
            n,
            y,
            setup("moments", setting, n).degree(setting.pick(8, DEGREE))));
    for (int m2 : setting.pick(new int[] {256}, new int[] {256, 2_048, 8_192})) {
      Setup paper = setup("paper", setting, n).degree(setting.pick(8, DEGREE));
      cases.add(new Case("planted, paper m2 = " + m2, sparse, n, y, paper.m2(sparse, m2)));
    }
    for (Head head : setting.heads()) {
      double[][] real = Attention.exact(head, n, head.queries(0, n));
      cases.add(new Case(head.name() + ", exact Y", head, n, real, setup("outputs", setting, n)));
    }
    return cases;
  }

  private static Setup setup(String form, Setting setting, int n) {
    return Setup.onepass(form, Setup.AMPLE, setting.seed())
        .degree(2)
        .with("onepass.recover-k", SPARSITY)
        .with("onepass.eps1", EPS1)
        .with("onepass.queries", n);
  }

  private static Result measure(Case one, Table table) {
    Head head = one.head();
    QuerySketch side = one.setup().queries(head);
    AttentionSketch tokens = side.closesTokens() ? one.setup().fold(head, one.n()) : null;
    float[][] outputs = Columns.floats(one.y());
    for (int from = 0; from < one.n(); from += BLOCK) {
      int to = Math.min(one.n(), from + BLOCK);
      QueryBlock queries = head.queries(from, to);
      side.add(from, queries, Arrays.copyOfRange(outputs, from, to), tokens);
    }
    Recovery recovery = side.recover(tokens, SPARSITY);
    double[] errors = Columns.errors(recovery, one.y());
    double[] tails = Columns.tails(one.y(), SPARSITY);
    int within = 0;
    int zeroWithin = 0;
    for (int c = 0; c < errors.length; c++) {
      within += errors[c] <= (1 + EPS1) * tails[c] ? 1 : 0;
      zeroWithin += 1 <= (1 + EPS1) * tails[c] ? 1 : 0;
    }
    Result result =
        new Result(
            one.label(),
            Numbers.median(tails),
            Numbers.median(errors),
            Numbers.quantile(errors, 1),
            Numbers.median(Columns.estimates(recovery)),
            (double) within / errors.length,
            eps2Term(one),
            (double) zeroWithin / errors.length);
    table.row(
        one.label(),
        one.n(),
        side.stateBytes(),
        tokens == null ? 0 : tokens.stateBytes(),
        result.tail(),
        result.error(),
        result.worst(),
        result.estimated(),
        result.within(),
        result.eps2Term(),
        result.zeroWithin());
    return result;
  }

  /** Returns the eps2 term of the derived bound, as a median over columns; 0 without Psi. */
  private static double eps2Term(Case one) {
    double eps2 = Double.parseDouble(one.setup().parameters().getOrDefault("onepass.eps2", "0"));
    return eps2 * Numbers.median(Columns.valuesToOutputs(one.head(), one.y()));
  }

  private static String verdict(List<Result> results) {
    List<String> parts = new ArrayList<>();
    for (Result r : results) {
      parts.add(
          Words.text(
              "%s: %.0f %% of columns are within (1 + eps1) tail%s, the error is %.3g%s, and the"
                  + " reported estimate is %.2f times the error",
              r.label(),
              100 * r.within(),
              r.eps2Term() > 1
                  ? " (the eps2 term alone exceeds |y_i|, so nothing is guaranteed)"
                  : "",
              r.error(),
              r.error() > 0.9 ? " (about that of T = 0)" : "",
              r.estimated() / r.error()));
    }
    return String.join("; ", parts) + ".";
  }
}
