package dev.onepass.bench.claims;

import dev.onepass.bench.data.Head;
import dev.onepass.bench.data.Planted;
import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.measure.Setup;
import dev.onepass.bench.report.LinePlot;
import dev.onepass.bench.report.Plot;
import dev.onepass.bench.report.Progress;
import dev.onepass.bench.report.Table;
import dev.onepass.sketch.QueryBlock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;

/** The error falls as n grows. */
final class ErrorClaim implements Claim {
  private static final int DIM = 4;
  private static final int VALUE_DIM = 8;
  private static final int DEGREE = 4;
  private static final int M2 = 256;
  private static final int REAL_BYTES = 128 << 10;
  private static final double DEVIATION = 0.3;
  private static final int QUERIES = 128;

  /** Tokens come from before this share of the rows, queries from after it. */
  private static final double TOKENS_TO = 0.76;

  @Override
  public String name() {
    return "error-n";
  }

  @Override
  public String title() {
    return "Error against the number of tokens, at fixed state";
  }

  @Override
  public String claim() {
    return "As n grows, the error diminishes while the memory stays nearly constant (abstract).";
  }

  @Override
  public String measured() {
    return Words.text(
        "Fresh queries (%d, the same for every n) against double-precision attention over the first n"
            + " tokens, under four normalisations: |error|_F / |Y|_F; the median over queries of"
            + " |error| / |y|; the root mean square of |error| with values of root mean square norm 1;"
            + " the same where the whole matrix V has norm 1, so that a single value is about"
            + " n^-1/2. |Y| is the root mean square of |y| with values of norm 1. Planted streams: d ="
            + " %d, dv = %d, logits of standard deviation %.1f, degree %d, m2 = %d; values are a"
            + " function of the key (signal) or independent of it (noise). Real heads: degree 2 in %d"
            + " KiB, later rows as queries.",
        QUERIES, DIM, VALUE_DIM, DEVIATION, DEGREE, M2, REAL_BYTES >> 10);
  }

  /** A stream, what is measured on it, and how many of its rows are tokens. */
  private record Case(Head head, Setup setup, int tokens) {
    String label() {
      return head.name() + ", " + setup.label();
    }
  }

  /** The errors at one n. */
  private record Point(
      int n, int bytes, double relative, double median, double rows, double matrix, double size) {}

  @Override
  public Finding measure(Setting setting) throws IOException {
    List<Case> cases = cases(setting);
    List<List<Point>> results = new ArrayList<>();
    try (ProgressBar bar = Progress.bar("error-n", cases.size())) {
      for (Case one : cases) {
        results.add(points(one));
        bar.step();
      }
    }
    return new Finding(table(cases, results), panels(cases, results), verdict(cases, results));
  }

  private static List<Case> cases(Setting setting) throws IOException {
    int rows = setting.pick(30_000, 1_000_000) + QUERIES;
    Setup polynomial = Setup.of("polynomial", Setup.AMPLE, setting.seed()).degree(DEGREE);
    Setup paper = Setup.onepass("paper", Setup.AMPLE, setting.seed()).degree(DEGREE).answersOnly();
    List<Case> cases = new ArrayList<>();
    for (Planted.Values values : Planted.Values.values()) {
      Head head = Planted.gaussian(rows, DIM, VALUE_DIM, DEVIATION, values, setting.seed());
      cases.add(new Case(head, polynomial, rows - QUERIES));
      cases.add(new Case(head, paper.m2(head, M2), rows - QUERIES));
    }
    for (Head head : setting.heads()) {
      Setup real = Setup.of("polynomial", REAL_BYTES, setting.seed());
      cases.add(new Case(head, real, (int) (head.rows() * TOKENS_TO)));
    }
    return cases;
  }

  private static List<Point> points(Case one) {
    Head head = one.head();
    QueryBlock queries = head.someQueries(one.tokens(), QUERIES);
    List<Point> points = new ArrayList<>();
    for (int n : sizes(one.tokens())) {
      double[][] exact = Attention.exact(head, n, queries);
      var sketch = one.setup().fold(head, n);
      double[][] answers = Attention.answers(sketch, queries);
      double valueNorm = Errors.rootMeanSquare(head.values(), n, head.valueDim());
      double rows = Errors.rootMeanSquare(answers, exact) / valueNorm;
      points.add(
          new Point(
              n,
              sketch.stateBytes(),
              Errors.relative(answers, exact),
              Errors.medianRelative(answers, exact),
              rows,
              rows / Math.sqrt(n),
              Errors.norm(exact) / Math.sqrt(QUERIES) / valueNorm));
    }
    return points;
  }

  /** 1000, 3000, 10 000, ... and the most. */
  private static List<Integer> sizes(int most) {
    List<Integer> sizes = new ArrayList<>();
    for (int ten = 1_000; ten <= most; ten *= 10) {
      sizes.add(ten);
      if (3 * ten <= most) {
        sizes.add(3 * ten);
      }
    }
    if (sizes.get(sizes.size() - 1) < 0.6 * most) {
      sizes.add(most);
    }
    return sizes;
  }

  private static Table table(List<Case> cases, List<List<Point>> results) {
    Table table =
        new Table(
            "stream",
            "sketch",
            "tokens",
            "state [B]",
            "error / |Y|_F",
            "median error / |y|",
            "error, rows of V of norm 1",
            "error, V of norm 1",
            "|Y|, rows of V of norm 1");
    for (int i = 0; i < cases.size(); i++) {
      for (Point p : results.get(i)) {
        table.row(
            cases.get(i).head().name(),
            cases.get(i).setup().label(),
            p.n(),
            p.bytes(),
            p.relative(),
            p.median(),
            p.rows(),
            p.matrix(),
            p.size());
      }
    }
    return table;
  }

  private static List<Plot> panels(List<Case> cases, List<List<Point>> results) {
    LinePlot relative =
        new LinePlot("Relative to |Y|_F", "tokens n", "|error|_F / |Y|_F").logX().logY();
    LinePlot absolute =
        new LinePlot("Absolute, rows of V of norm 1", "tokens n", "rms |error| / rms |v|")
            .logX()
            .logY();
    for (int i = 0; i < cases.size(); i++) {
      List<Point> points = results.get(i);
      double[] n = points.stream().mapToDouble(Point::n).toArray();
      String label = cases.get(i).label();
      relative.line(label, n, points.stream().mapToDouble(Point::relative).toArray());
      absolute.line(label, n, points.stream().mapToDouble(Point::rows).toArray());
    }
    return List.of(relative, absolute);
  }

  private static String verdict(List<Case> cases, List<List<Point>> results) {
    List<String> parts = new ArrayList<>();
    int relativeFalls = 0;
    for (int i = 0; i < cases.size(); i++) {
      List<Point> points = results.get(i);
      double[] n = points.stream().mapToDouble(Point::n).toArray();
      double relative = Numbers.exponent(n, points.stream().mapToDouble(Point::relative).toArray());
      double rows = Numbers.exponent(n, points.stream().mapToDouble(Point::rows).toArray());
      double matrix = Numbers.exponent(n, points.stream().mapToDouble(Point::matrix).toArray());
      relativeFalls += relative < 0 && !Words.trend(relative).equals("stays") ? 1 : 0;
      parts.add(
          "%s: the error relative to |Y|_F %s, with rows of V of norm 1 it %s, with V of norm 1 it %s"
              .formatted(
                  cases.get(i).label(),
                  Words.trend(relative),
                  Words.trend(rows),
                  Words.trend(matrix)));
    }
    return Words.text(
            "Relative to |Y|_F the error falls with n in %d of %d cases. ",
            relativeFalls, cases.size())
        + String.join("; ", parts)
        + ".";
  }
}
