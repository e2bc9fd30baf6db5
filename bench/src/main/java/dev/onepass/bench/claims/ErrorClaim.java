// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.claims;

import dev.onepass.bench.measure.Attention;
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
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import me.tongfei.progressbar.ProgressBar;

/** The claim that the error falls as n grows. */
final class ErrorClaim implements Claim {
  private static final int DIM = 4;
  private static final int VALUE_DIM = 8;
  private static final int DEGREE = 4;
  private static final int M2 = 256;
  private static final int REAL_BYTES = 128 << 10;
  private static final double DEVIATION = 0.5;
  private static final int HASHES = 3;
  private static final int QUERIES = 64;

  /** The share of rows that are tokens; queries come from the rows after them. */
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
    return "As n grows, the error decreases while the memory stays nearly constant (abstract).";
  }

  @Override
  public String measured() {
    return Words.text(
        "Compares the answers to %d fresh queries, the same for every n, with"
            + " double-precision attention over the first n tokens. Reports the error in four"
            + " normalisations: |error|_F / |Y|_F; the median over queries of |error| / |y|; the"
            + " root mean square of |error| for values of root mean square norm 1; and the same"
            + " for a matrix V that has norm 1 as a whole, so that a single value is about"
            + " n^-1/2. |Y| is the root mean square of |y| for values of norm 1. Planted"
            + " streams: d = %d, dv = %d, logits of standard deviation %.1f, degree %d, m2 = %d"
            + " (median of %d hashes); values are a function of the key (signal) or independent"
            + " of it (noise). Real heads: degree 2 in %d KiB, with later rows as queries.",
        QUERIES, DIM, VALUE_DIM, DEVIATION, DEGREE, M2, HASHES, REAL_BYTES >> 10);
  }

  /** A stream, the number of its rows that are tokens, and the measured setups. */
  private record Stream(Head head, int tokens, List<Setup> setups) {}

  /** The errors of one sketch on one stream at each n. */
  private record Series(Head head, Setup setup, List<Point> points) {
    String label() {
      return head.name() + ", " + setup.label();
    }

    double[] all(ToDoubleFunction<Point> of) {
      return points.stream().mapToDouble(of).toArray();
    }

    double exponent(ToDoubleFunction<Point> of) {
      return Numbers.exponent(all(Point::n), all(of));
    }
  }

  /** The errors at one n. */
  private record Point(int n, int bytes, double relative, double median, double rows, double size) {

    double matrix() {
      return rows / Math.sqrt(n);
    }
  }

  @Override
  public Finding measure(Setting setting) throws IOException {
    List<Stream> streams = streams(setting);
    List<Series> results = new ArrayList<>();
    try (ProgressBar bar = Progress.bar("error-n", streams.size())) {
      for (Stream stream : streams) {
        results.addAll(measure(stream));
        bar.step();
      }
    }
    return new Finding(table(results), panels(results), verdict(results));
  }

  private static List<Stream> streams(Setting setting) throws IOException {
    int tokens = setting.pick(30_000, 1_000_000);
    Setup polynomial = Setup.of("polynomial", Setup.AMPLE, setting.seed()).degree(DEGREE);
    Setup paper = Setup.onepass("paper", Setup.AMPLE, setting.seed()).degree(DEGREE).answersOnly();
    List<Stream> streams = new ArrayList<>();
    for (Planted.Values values : Planted.Values.values()) {
      Head head =
          Planted.gaussian(tokens + QUERIES, DIM, VALUE_DIM, DEVIATION, values, setting.seed());
      streams.add(new Stream(head, tokens, List.of(polynomial, paper.m2(head, M2))));
    }
    Setup real = Setup.of("polynomial", REAL_BYTES, setting.seed());
    for (Head head : setting.heads()) {
      streams.add(new Stream(head, (int) (head.rows() * TOKENS_TO), List.of(real)));
    }
    return streams;
  }

  private static List<Series> measure(Stream stream) {
    Head head = stream.head();
    QueryBlock queries = head.someQueries(stream.tokens(), QUERIES);
    List<Series> series =
        stream.setups().stream().map(s -> new Series(head, s, new ArrayList<>())).toList();
    for (int n : sizes(stream.tokens())) {
      double[][] exact = Attention.exact(head, n, queries);
      series.forEach(one -> one.points().add(point(one.setup(), head, n, queries, exact)));
    }
    return series;
  }

  private static Point point(Setup setup, Head head, int n, QueryBlock queries, double[][] exact) {
    int hashes = setup.label().contains("paper") ? HASHES : 1;
    double[] relative = new double[hashes];
    double[] median = new double[hashes];
    int bytes = 0;
    for (int i = 0; i < hashes; i++) {
      AttentionSketch sketch = setup.seeded(setup.seed() + i).fold(head, n);
      double[][] answers = Attention.answers(sketch, queries);
      bytes = sketch.stateBytes();
      relative[i] = Errors.relative(answers, exact);
      median[i] = Errors.medianRelative(answers, exact);
    }
    double values = Errors.rootMeanSquare(head.values(), n, head.valueDim());
    double size = Errors.norm(exact) / Math.sqrt(exact.length) / values;
    double error = Numbers.median(relative);
    return new Point(n, bytes, error, Numbers.median(median), error * size, size);
  }

  /** Returns 1000, 3000, 10 000 and so on, and the largest n. */
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

  private static Table table(List<Series> results) {
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
    for (Series one : results) {
      for (Point p : one.points()) {
        table.row(
            one.head().name(),
            one.setup().label(),
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

  private static List<Plot> panels(List<Series> results) {
    LinePlot relative =
        new LinePlot("Relative to |Y|_F", "tokens n", "|error|_F / |Y|_F").logX().logY();
    LinePlot absolute =
        new LinePlot("Absolute, rows of V of norm 1", "tokens n", "rms |error| / rms |v|")
            .logX()
            .logY();
    for (Series one : results) {
      relative.line(one.label(), one.all(Point::n), one.all(Point::relative));
      absolute.line(one.label(), one.all(Point::n), one.all(Point::rows));
    }
    return List.of(relative, absolute);
  }

  private static String verdict(List<Series> results) {
    long falls =
        results.stream()
            .filter(one -> Words.trend(one.exponent(Point::relative)).startsWith("falls"))
            .count();
    List<String> parts = new ArrayList<>();
    for (Series one : results) {
      parts.add(
          "%s: relative to |Y|_F it %s, for rows of V of norm 1 it %s, for V of norm 1 it %s"
              .formatted(
                  one.label(),
                  Words.trend(one.exponent(Point::relative)),
                  Words.trend(one.exponent(Point::rows)),
                  Words.trend(one.exponent(Point::matrix))));
    }
    return Words.text(
            "The error relative to |Y|_F falls with n in %d of %d cases. ", falls, results.size())
        + String.join("; ", parts)
        + ".";
  }
}
