// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.claims;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Columns;
import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.report.LinePlot;
import dev.onepass.bench.report.Table;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.heads.Logits;
import dev.onepass.datasets.planted.Planted;
import dev.onepass.datasets.progress.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;

/** The premises of the claims: bounded logits, sparse columns, normalised values. */
final class PremiseClaim implements Claim {
  private static final double[] QUANTILES = {0.5, 0.9, 0.99, 1};
  private static final double[] BOUNDS = {0.5, 1, 2, 4};
  private static final int[] SPARSITIES = {16, 64, 256};
  private static final int[] CURVE = {1, 4, 16, 64, 256, 1_024};
  private static final int SAMPLE = 1_024;

  @Override
  public String name() {
    return "premise";
  }

  @Override
  public String title() {
    return "The premises: bounded logits, sparse columns, normalised values";
  }

  @Override
  public String claim() {
    return "The guarantee assumes that the logits are bounded, that the columns of Y are close to"
        + " k-sparse, and that V is normalised.";
  }

  @Override
  public String measured() {
    return Words.text(
        "Logits s q.(k - mean key) of %d queries and %d keys spread over the stream:"
            + " quantiles of |logit|, and the share within a bound B. Columns of Y for the first"
            + " n queries over the first n tokens: 'tail' is the part of |y_i| outside the k"
            + " largest entries, median over columns; 'centred' is the same after each column's"
            + " mean is subtracted. |V_i| / |y_i| is the factor that turns eps2 into an error"
            + " relative to the column. max |v| / rms |v| shows how far the values are from"
            + " equal size.",
        SAMPLE, SAMPLE);
  }

  /** The results for one stream. */
  private record Result(
      String label, Logits logits, double[][] y, double valuesToOutputs, double valueSpread) {
    double tail(int k) {
      return Numbers.median(Columns.tails(y, k));
    }
  }

  @Override
  public Finding measure(Setting setting) throws IOException {
    int n = setting.pick(2_048, 8_192);
    List<Head> heads = new ArrayList<>();
    heads.add(Planted.sparse(n, 4, 16, 3.6, 0.014, setting.seed()));
    heads.add(Planted.gaussian(n, 4, 8, 0.3, Planted.Values.SIGNAL, setting.seed()));
    heads.addAll(setting.heads());
    List<Result> results = new ArrayList<>();
    try (ProgressBar bar = Progress.bar("premise", heads.size())) {
      for (Head head : heads) {
        results.add(result(head, n));
        bar.step();
      }
    }
    return new Finding(
        table(results), List.of(logitPlot(results), tailPlot(results)), verdict(results));
  }

  private static Result result(Head head, int n) {
    double[][] y = Attention.exact(head, n, head.queries(0, n));
    double[] ratios = Columns.valuesToOutputs(head, y);
    double largest = 0;
    for (int j = 0; j < n; j++) {
      double squares = 0;
      for (int c = 0; c < head.valueDim(); c++) {
        double v = head.values()[j * head.valueDim() + c];
        squares += v * v;
      }
      largest = Math.max(largest, Math.sqrt(squares));
    }
    double rms = Errors.rootMeanSquare(head.values(), n, head.valueDim());
    return new Result(
        head.name(), Logits.sample(head, SAMPLE), y, Numbers.median(ratios), largest / rms);
  }

  private static Table table(List<Result> results) {
    List<String> columns = new ArrayList<>(List.of("stream", "std of logits"));
    for (double q : QUANTILES) {
      columns.add(q == 1 ? "max |logit|" : Words.text("|logit| %.0f %%", 100 * q));
    }
    for (double b : BOUNDS) {
      columns.add(Words.text("within %.1f", b));
    }
    for (int k : SPARSITIES) {
      columns.add("tail, k = " + k);
    }
    columns.addAll(List.of("tail, k = 16, centred", "|V_i| / |y_i|", "max |v| / rms |v|"));
    Table table = new Table(columns.toArray(String[]::new));
    for (Result r : results) {
      List<Object> cells = new ArrayList<>(List.of(r.label(), r.logits().deviation()));
      for (double q : QUANTILES) {
        cells.add(Numbers.sortedQuantile(r.logits().sizes(), q));
      }
      for (double b : BOUNDS) {
        cells.add(r.logits().within(b));
      }
      for (int k : SPARSITIES) {
        cells.add(r.tail(k));
      }
      cells.add(Numbers.median(Columns.tails(Columns.centred(r.y()), 16)));
      cells.add(r.valuesToOutputs());
      cells.add(r.valueSpread());
      table.row(cells.toArray());
    }
    return table;
  }

  private static LinePlot logitPlot(List<Result> results) {
    LinePlot plot = new LinePlot("Logits beyond a bound", "bound B", "share of |logit| > B").logY();
    for (Result r : results) {
      double[] bounds = new double[33];
      double[] shares = new double[33];
      for (int i = 0; i < bounds.length; i++) {
        bounds[i] = 0.25 * i;
        shares[i] = 1 - r.logits().within(bounds[i]);
      }
      plot.line(r.label(), bounds, shares);
    }
    return plot;
  }

  private static LinePlot tailPlot(List<Result> results) {
    LinePlot plot =
        new LinePlot("Sparsity of columns of Y", "entries kept k", "tail_k / |y|").logX();
    for (Result r : results) {
      double[] k = new double[CURVE.length];
      double[] tails = new double[CURVE.length];
      for (int i = 0; i < CURVE.length; i++) {
        k[i] = CURVE[i];
        tails[i] = r.tail(CURVE[i]);
      }
      plot.line(r.label(), k, tails);
    }
    return plot;
  }

  private static String verdict(List<Result> results) {
    List<String> parts = new ArrayList<>();
    for (Result r : results) {
      double within = r.logits().within(1);
      double tail = r.tail(16);
      parts.add(
          Words.text(
              "%s: logits are %s (%.0f %% within 1, largest %.1f), columns are %s (tail_16 = %.3f)",
              r.label(),
              within > 0.99 ? "bounded" : within > 0.9 ? "nearly bounded" : "not bounded by 1",
              100 * within,
              Numbers.sortedQuantile(r.logits().sizes(), 1),
              tail < 0.1 ? "sparse" : tail < 0.7 ? "compressible" : "flat, not sparse",
              tail));
    }
    return String.join("; ", parts) + ".";
  }
}
