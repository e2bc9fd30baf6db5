// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.claims;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Directions;
import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.measure.Setup;
import dev.onepass.bench.report.LinePlot;
import dev.onepass.bench.report.Plot;
import dev.onepass.bench.report.Table;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import dev.onepass.datasets.progress.Progress;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.blocks.QueryBlock;
import java.util.ArrayList;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;

/** The claim that Psi needs less space than the product that it approximates. */
final class ProductClaim implements Claim {
  private static final int DIM = 4;
  private static final int DEGREE = 8;
  private static final double DEVIATION = 0.3;
  private static final int QUERIES = 128;

  /** Maximum columns of co-occurring directions; more take minutes. */
  private static final int MOST_COLUMNS = 128;

  @Override
  public String name() {
    return "product";
  }

  @Override
  public String title() {
    return "The product of keys and values: Psi against keeping it exactly";
  }

  @Override
  public String claim() {
    return "The sketches sk(K) = Psi U2 (m2 x t) and sk(V) = Psi V (m2 x dv) represent U2' V (t x"
        + " dv) in less space, with an error of about m2^-1/2.";
  }

  @Override
  public String measured() {
    return Words.text(
        "Compares two approximations of U2' V: Psi (paper form, size m2) and co-occurring"
            + " directions (size: columns), the known baseline for keys and values that arrive"
            + " together. The reference is the full U2' V (moments form) of the same degree (%d,"
            + " d = %d). The error is that of the answers, |error|_F / |Y|_F, median of several"
            + " hashes. Bytes are those of the whole token side. Values are a function of the"
            + " key. Psi needs at least 64 buckets, so its first row is its smallest size.",
        DEGREE, DIM);
  }

  /** The result of one representation of the product. */
  private record Point(int valueDim, String method, int size, int bytes, double error) {}

  @Override
  public Finding measure(Setting setting) {
    int n = setting.pick(4_096, 8_192);
    int[] valueDims = setting.pick(new int[] {8, 32}, new int[] {8, 32, 128, 512});
    Table table = new Table("dv", "kept as", "size", "bytes", "bytes / exact moments", "error");
    LinePlot plot =
        new LinePlot("Error of the product", "bytes / bytes of exact moments", "|error|_F / |Y|_F")
            .logX()
            .logY();
    List<String> verdicts = new ArrayList<>();
    try (ProgressBar bar = Progress.bar("product", valueDims.length)) {
      for (int valueDim : valueDims) {
        verdicts.add(measure(setting, n, valueDim, table, plot));
        bar.step();
      }
    }
    List<Plot> panels = List.of(plot);
    return new Finding(table, panels, String.join(" ", verdicts));
  }

  private static String measure(Setting setting, int n, int valueDim, Table table, LinePlot plot) {
    Head head =
        Planted.gaussian(
            n + QUERIES, DIM, valueDim, DEVIATION, Planted.Values.SIGNAL, setting.seed());
    QueryBlock queries = head.someQueries(n, QUERIES);
    Setup moments =
        Setup.onepass("moments", Setup.AMPLE, setting.seed()).degree(DEGREE).answersOnly();
    AttentionSketch whole = moments.fold(head, n);
    double[][] exact = Attention.answers(whole, queries);
    Point none = new Point(valueDim, "exact moments", 0, whole.stateBytes(), 0);
    row(table, none, none);
    List<Point> psi = new ArrayList<>();
    for (int m2 = 64; m2 <= setting.pick(256, 4_096); m2 *= 4) {
      psi.add(psi(setting, head, n, m2, exact, queries));
    }
    List<Point> directions = new ArrayList<>();
    for (int columns = Math.max(2, valueDim / 16); columns <= valueDim / 2; columns *= 2) {
      if (columns <= MOST_COLUMNS) {
        directions.add(directions(moments, head, n, columns, exact, queries));
      }
    }
    psi.forEach(point -> row(table, point, none));
    directions.forEach(point -> row(table, point, none));
    line(plot, psi, none);
    line(plot, directions, none);
    return verdict(none, psi, directions);
  }

  private static String verdict(Point exact, List<Point> psi, List<Point> directions) {
    Point smallest = psi.get(0);
    double takes = smallest.bytes() / (double) exact.bytes();
    Point last = directions.get(directions.size() - 1);
    return Words.text("dv = %d: ", exact.valueDim())
        + (takes > 1
            ? Words.text(
                "the smallest Psi needs %.1f times the bytes of the exact product, with an error of"
                    + " %.2g, and saves nothing",
                takes, smallest.error())
            : Words.text(
                "Psi with the bytes of the exact product has an error of %.2g; at a size %.1f times"
                    + " smaller, the error is %.2g",
                interpolate(psi, exact.bytes()), 1 / takes, smallest.error()))
        + Words.text(
            "; co-occurring directions with %d columns need %.2f times the bytes, with an error of"
                + " %.2g.",
            last.size(), last.bytes() / (double) exact.bytes(), last.error());
  }

  private static Point psi(
      Setting setting, Head head, int n, int m2, double[][] exact, QueryBlock queries) {
    double[] errors = new double[setting.pick(3, 5)];
    int bytes = 0;
    for (int i = 0; i < errors.length; i++) {
      AttentionSketch sketch =
          Setup.onepass("paper", Setup.AMPLE, setting.seed() + i)
              .degree(DEGREE)
              .answersOnly()
              .m2(head, m2)
              .fold(head, n);
      bytes = sketch.stateBytes();
      errors[i] = Errors.relative(Attention.answers(sketch, queries), exact);
    }
    return new Point(head.valueDim(), "Psi", m2, bytes, Numbers.median(errors));
  }

  private static Point directions(
      Setup setup, Head head, int n, int columns, double[][] exact, QueryBlock queries) {
    Directions directions = Directions.fold(setup, head, n, columns);
    double error = Errors.relative(directions.answers(queries), exact);
    return new Point(
        head.valueDim(), "co-occurring directions", columns, directions.bytes(), error);
  }

  /**
   * Interpolates between neighbours on logarithmic axes; outside the range, returns the nearest
   * end.
   */
  private static double interpolate(List<Point> points, int bytes) {
    Point below = points.get(0);
    for (Point above : points.subList(1, points.size())) {
      if (above.bytes() >= bytes) {
        double share =
            Math.log((double) bytes / below.bytes())
                / Math.log((double) above.bytes() / below.bytes());
        return below.error() * Math.pow(above.error() / below.error(), share);
      }
      below = above;
    }
    return below.error();
  }

  private static void row(Table table, Point point, Point exact) {
    table.row(
        point.valueDim(),
        point.method(),
        point.size(),
        point.bytes(),
        (double) point.bytes() / exact.bytes(),
        point.error());
  }

  private static void line(LinePlot plot, List<Point> points, Point exact) {
    plot.line(
        points.get(0).method() + ", dv = " + exact.valueDim(),
        points.stream().mapToDouble(p -> (double) p.bytes() / exact.bytes()).toArray(),
        points.stream().mapToDouble(Point::error).toArray());
  }
}
