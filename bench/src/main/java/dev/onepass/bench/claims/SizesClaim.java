// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.claims;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Columns;
import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.measure.Setup;
import dev.onepass.bench.report.LinePlot;
import dev.onepass.bench.report.Plot;
import dev.onepass.bench.report.Table;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import dev.onepass.datasets.progress.Progress;
import dev.onepass.sketch.blocks.QueryBlock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import me.tongfei.progressbar.ProgressBar;

/**
 * The claim that three sizes reduce the error. Measures each of the three approximations with exact
 * results in place of the others.
 */
final class SizesClaim implements Claim {
  private static final int DIM = 4;
  private static final int VALUE_DIM = 8;
  private static final int QUERIES = 256;
  private static final int PRODUCT_DEGREE = 8;
  private static final double PRODUCT_DEVIATION = 0.3;
  private static final int SPARSITY = 16;
  private static final int SPARSE_DIM = 4;
  private static final double TAIL = 0.014;
  private static final double SPARSE_BOUND = 3.6;

  private Table table;

  @Override
  public String name() {
    return "sizes";
  }

  @Override
  public String title() {
    return "Error against degree, m2 and m1, each part alone";
  }

  @Override
  public String claim() {
    return "The error comes from three approximations, each with a size that reduces it: the"
        + " degree of the polynomial, the m2 rows of Psi (error about m2^-1/2), and the m1 rows"
        + " of Phi (error (1 + eps1) times that of the best k-sparse columns, m1 about k /"
        + " eps1).";
  }

  @Override
  public String measured() {
    return Words.text(
        "Each approximation alone, with exact results in place of the others."
            + " *polynomial*: the moments form compared with exact attention, |error|_F / |Y|_F,"
            + " on planted streams with d = %d, dv = %d and logits of standard deviation 0.25 to"
            + " 2, and on the real heads. *product*: the paper form compared with the moments"
            + " form of the same degree (%d), median of several hashes; the dashed line is"
            + " m2^-1/2 through the first point. *recovery*: the outputs form with exact outputs"
            + " as input, on planted %d-sparse columns with a tail of %.3f and on columns of a"
            + " real head; |T - y| / |y|, median over columns; sizes are the buckets in each row"
            + " of Phi.",
        DIM, VALUE_DIM, PRODUCT_DEGREE, SPARSITY, TAIL);
  }

  @Override
  public Finding measure(Setting setting) throws IOException {
    table = new Table("part", "stream", "size", "value", "bytes", "error");
    List<Head> heads = setting.heads();
    try (ProgressBar bar = Progress.bar("sizes", 3)) {
      Series polynomial = polynomial(setting, heads);
      bar.step();
      Series product = product(setting);
      bar.step();
      Series recovery = recovery(setting, heads.get(heads.size() / 2));
      bar.step();
      return new Finding(
          table,
          List.of(polynomial.plot(), product.plot(), recovery.plot()),
          polynomial.verdict() + " " + product.verdict() + " " + recovery.verdict());
    }
  }

  private record Series(Plot plot, String verdict) {}

  private Series polynomial(Setting setting, List<Head> heads) {
    LinePlot plot = new LinePlot("Polynomial alone", "degree", "|error|_F / |Y|_F").logY();
    int n = setting.pick(4_096, 16_384);
    List<String> degrees = new ArrayList<>();
    for (double deviation : new double[] {0.25, 0.5, 1, 2}) {
      Head head =
          Planted.gaussian(
              n + QUERIES, DIM, VALUE_DIM, deviation, Planted.Values.SIGNAL, setting.seed());
      String label = "planted, std " + deviation;
      TreeMap<Integer, Double> errors = new TreeMap<>();
      for (int degree = 2; degree <= setting.pick(8, 14); degree += 2) {
        errors.put(degree, polynomialError(setting, head, label, n, degree));
      }
      line(plot, label, errors);
      degrees.add(
          errors.entrySet().stream()
              .filter(e -> e.getValue() <= 0.01)
              .findFirst()
              .map(e -> "degree " + e.getKey() + " at std " + deviation)
              .orElse("more than degree " + errors.lastKey() + " at std " + deviation));
    }
    List<String> real = new ArrayList<>();
    for (Head head : heads) {
      int tokens = 2_048;
      TreeMap<Integer, Double> errors = new TreeMap<>();
      for (int degree = 2; degree <= setting.pick(2, 4); degree += 2) {
        errors.put(degree, polynomialError(setting, head, head.name(), tokens, degree));
      }
      line(plot, head.name(), errors);
      real.add(
          Words.text(
              "%.2g for %s at degree %d",
              errors.lastEntry().getValue(), head.name(), errors.lastKey()));
    }
    return new Series(
        plot,
        "Polynomial: an error of at most 1 % needs "
            + String.join(", ", degrees)
            + "; the error on real heads is "
            + String.join(", ", real)
            + ".");
  }

  private double polynomialError(Setting setting, Head head, String label, int n, int degree) {
    QueryBlock queries = head.someQueries(n, QUERIES);
    Setup setup =
        Setup.onepass("moments", Setup.AMPLE, setting.seed()).degree(degree).answersOnly();
    var sketch = setup.fold(head, n);
    double[][] answers = Attention.answers(sketch, queries);
    double error = Errors.relative(answers, Attention.exact(head, n, queries));
    table.row("polynomial", label, "degree", degree, sketch.stateBytes(), error);
    return error;
  }

  private Series product(Setting setting) {
    LinePlot plot =
        new LinePlot("Product (Psi) alone", "buckets m2 of Psi", "|error|_F / |Y|_F").logX().logY();
    int n = setting.pick(4_096, 16_384);
    List<String> verdicts = new ArrayList<>();
    for (Planted.Values values : Planted.Values.values()) {
      Head head =
          Planted.gaussian(n + QUERIES, DIM, VALUE_DIM, PRODUCT_DEVIATION, values, setting.seed());
      QueryBlock queries = head.someQueries(n, QUERIES);
      Setup moments =
          Setup.onepass("moments", Setup.AMPLE, setting.seed())
              .degree(PRODUCT_DEGREE)
              .answersOnly();
      double[][] exact = Attention.answers(moments.fold(head, n), queries);
      TreeMap<Integer, Double> errors = new TreeMap<>();
      for (int m2 = 64; m2 <= setting.pick(1_024, 4_096); m2 *= 2) {
        double[] errorsOfSeeds = new double[setting.pick(3, 5)];
        int bytes = 0;
        for (int i = 0; i < errorsOfSeeds.length; i++) {
          Setup paper =
              Setup.onepass("paper", Setup.AMPLE, setting.seed() + i)
                  .degree(PRODUCT_DEGREE)
                  .answersOnly()
                  .m2(head, m2);
          var sketch = paper.fold(head, n);
          bytes = sketch.stateBytes();
          errorsOfSeeds[i] = Errors.relative(Attention.answers(sketch, queries), exact);
        }
        double error = Numbers.median(errorsOfSeeds);
        errors.put(m2, error);
        table.row("product", head.name(), "m2", m2, bytes, error);
      }
      line(plot, head.name(), errors);
      double[] m2 = errors.keySet().stream().mapToDouble(x -> x).toArray();
      double[] y = errors.values().stream().mapToDouble(x -> x).toArray();
      double first = errors.firstEntry().getValue() * Math.sqrt(errors.firstKey());
      plot.reference(
          "m2^-1/2, " + values.name().toLowerCase(Locale.ROOT),
          new double[] {m2[0], m2[m2.length - 1]},
          new double[] {first / Math.sqrt(m2[0]), first / Math.sqrt(m2[m2.length - 1])});
      verdicts.add(
          Words.text(
              "on %s the error scales as m2^%.2f and is %.2g at m2 = %d",
              head.name(), Numbers.exponent(m2, y), y[y.length - 1], errors.lastKey()));
    }
    return new Series(plot, "Product: " + String.join(", ", verdicts) + ".");
  }

  private Series recovery(Setting setting, Head real) {
    LinePlot plot =
        new LinePlot("Recovery (Phi) alone", "buckets of Phi", "median |T - y| / |y|")
            .logX()
            .logY();
    int n = setting.pick(2_048, 8_192);
    Head sparse = Planted.sparse(n, SPARSE_DIM, SPARSITY, SPARSE_BOUND, TAIL, setting.seed());
    StringBuilder verdict = new StringBuilder("Recovery:");
    for (Head head : List.of(sparse, real)) {
      int tokens = Math.min(n, setting.pick(2_048, 4_096));
      double[][] y = Attention.exact(head, head.equals(sparse) ? n : tokens, head.queries(0, n));
      TreeMap<Integer, Double> errors = new TreeMap<>();
      for (double eps1 = 1; eps1 >= setting.pick(0.25, 0.0625); eps1 /= 2) {
        Setup setup =
            Setup.onepass("outputs", Setup.AMPLE, setting.seed())
                .degree(2)
                .with("onepass.recover-k", SPARSITY)
                .with("onepass.queries", n)
                .with("onepass.eps1", eps1);
        var side = setup.queries(head);
        side.add(0, head.queries(0, n), Columns.floats(y), null);
        double error = Numbers.median(Columns.errors(side.recover(null, SPARSITY), y));
        int buckets = setup.size(head, "rows of (\\d+) buckets");
        errors.put(buckets, error);
        table.row("recovery", head.name(), "buckets", buckets, side.stateBytes(), error);
      }
      line(plot, head.name(), errors);
      double bestMedian = Numbers.median(Columns.tails(y, SPARSITY));
      plot.reference(
          "best " + SPARSITY + "-sparse, " + head.name(),
          new double[] {errors.firstKey(), errors.lastKey()},
          new double[] {bestMedian, bestMedian});
      verdict.append(
          Words.text(
              " on %s the error is %.3g at %d buckets and %.3g at %d"
                  + " (best %d-sparse columns: %.3g);",
              head.name(),
              errors.firstEntry().getValue(),
              errors.firstKey(),
              errors.lastEntry().getValue(),
              errors.lastKey(),
              SPARSITY,
              bestMedian));
    }
    verdict.setCharAt(verdict.length() - 1, '.');
    return new Series(plot, verdict.toString());
  }

  private static void line(LinePlot plot, String label, SortedMap<Integer, Double> errors) {
    plot.line(
        label,
        errors.keySet().stream().mapToDouble(x -> x).toArray(),
        errors.values().stream().mapToDouble(x -> x).toArray());
  }
}
