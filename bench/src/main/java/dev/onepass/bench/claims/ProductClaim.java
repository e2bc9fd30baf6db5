// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.claims;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Errors;
import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.measure.Setup;
import dev.onepass.bench.methods.Deployed;
import dev.onepass.bench.methods.Method;
import dev.onepass.bench.report.LinePlot;
import dev.onepass.bench.report.Plot;
import dev.onepass.bench.report.Table;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import dev.onepass.datasets.progress.Progress;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.sequence.HeadSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;

/** The claim that Psi needs less space than the product that it approximates. */
final class ProductClaim implements Claim {
  private static final int DIM = 4;
  private static final int DEGREE = 8;
  private static final double DEVIATION = 1;
  private static final int SPARSE_DIM = 64;
  private static final int NONZEROS = 4;
  private static final double SPARSE_DEVIATION = 0.3;
  private static final int QUERIES = 128;

  private static final List<String> FORMS = List.of("moments", "paper", "directions");

  /** State sizes, relative to the one that holds the moments of the wanted degree. */
  private static final double[] SHARES = {0.125, 0.25, 0.5, 1, 2};

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
        "Three forms of the one-pass algorithm at equal state sizes: the exact product U2' V"
            + " (moments), Psi (paper), and sparse co-occurring directions (directions). Tokens go"
            + " one by one through the sequence of the job's operator, with its configuration and"
            + " its division of the state size. A form takes the highest degree that its bytes"
            + " hold, up to the wanted one. State sizes are multiples of the one that holds the"
            + " moments of the wanted degree; forms that do not fit are left out. 'size' is m2 or"
            + " the number of columns. The error is |error|_F / |Y|_F against exact attention,"
            + " median of several seeds for Psi. Streams: dense keys, d = %d, logits of standard"
            + " deviation %.1f, wanted degree %d, every coordinate of a value a function of the"
            + " key; keys with %d of %d coordinates other than 0, logits of standard deviation"
            + " %.1f, wanted degree 2, values mixtures of 8 functions of the key, with noise.",
        DIM, DEVIATION, DEGREE, NONZEROS, SPARSE_DIM, SPARSE_DEVIATION);
  }

  /** A stream, its number of tokens and the wanted degree. */
  private record Stream(String label, Head head, int tokens, int degree) {}

  /** The result of one form at one state size. */
  private record Point(String form, int stateSize, int degree, int size, double error) {}

  @Override
  public Finding measure(Setting setting) {
    int n = setting.pick(4_096, 8_192);
    List<Stream> streams = new ArrayList<>();
    for (int valueDim : setting.pick(new int[] {8, 32}, new int[] {8, 32, 128, 512})) {
      Head head =
          Planted.gaussian(
              n + QUERIES, DIM, valueDim, DEVIATION, Planted.Values.SIGNAL, setting.seed());
      streams.add(new Stream("dense, dv = " + valueDim, head, n, DEGREE));
    }
    for (int valueDim : setting.pick(new int[] {32}, new int[] {32, 128})) {
      Head head =
          Planted.sparseKeys(
              n + QUERIES, SPARSE_DIM, NONZEROS, valueDim, SPARSE_DEVIATION, setting.seed());
      streams.add(new Stream("sparse, dv = " + valueDim, head, n, 2));
    }
    Table table = new Table("stream", "state size", "form", "degree", "size", "error");
    List<Plot> panels = new ArrayList<>();
    List<String> verdicts = new ArrayList<>();
    try (ProgressBar bar = Progress.bar("product", streams.size())) {
      for (Stream stream : streams) {
        LinePlot plot =
            new LinePlot(stream.label(), "state size / that of the moments", "|error|_F / |Y|_F")
                .logX()
                .logY();
        verdicts.add(measure(setting, stream, table, plot));
        panels.add(plot);
        bar.step();
      }
    }
    return new Finding(table, panels, String.join(" ", verdicts));
  }

  private static String measure(Setting setting, Stream stream, Table table, LinePlot plot) {
    Head head = stream.head();
    QueryBlock queries = head.someQueries(stream.tokens(), QUERIES);
    double[][] exact = Attention.exact(head, stream.tokens(), queries);
    int whole = wholeStateSize(stream);
    List<String> parts = new ArrayList<>();
    for (String form : FORMS) {
      List<Point> points = new ArrayList<>();
      for (double share : SHARES) {
        Point point = point(setting, stream, form, (int) (share * whole), queries, exact);
        if (point != null) {
          points.add(point);
          table.row(
              stream.label(), point.stateSize(), form, point.degree(), point.size(), point.error());
        }
      }
      plot.line(
          form,
          points.stream().mapToDouble(p -> (double) p.stateSize() / whole).toArray(),
          points.stream().mapToDouble(Point::error).toArray());
      parts.add(Words.text("%s %s and %s", form, at(points, whole / 4), at(points, whole)));
    }
    return Words.text(
        "%s: with a quarter of the state size of the moments, and with the whole of it, the errors"
            + " are: %s.",
        stream.label(), String.join(", ", parts));
  }

  /** Returns the error at a state size in words. */
  private static String at(List<Point> points, int stateSize) {
    return points.stream()
        .filter(point -> point.stateSize() == stateSize)
        .map(point -> Words.text("%.2g", point.error()))
        .findFirst()
        .orElse("(does not fit)");
  }

  /** Returns the state size, in whole KiB, that holds the moments of the wanted degree. */
  private static int wholeStateSize(Stream stream) {
    Setup moments = setup("moments", stream);
    int low = 1;
    int high = 1 << 16;
    while (high - low > 1) {
      int middle = (low + high) / 2;
      if (degree(moments, stream.head(), middle << 10) < stream.degree()) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high << 10;
  }

  private static Setup setup(String form, Stream stream) {
    return Setup.onepass(form, 0, 0).degree(stream.degree()).answersOnly();
  }

  private static Deployed deployed(Setup setup) {
    return new Deployed(setup.family(), setup.parameters());
  }

  /** Returns the degree that a form has in a state size; 0 if it does not fit. */
  private static int degree(Setup setup, Head head, int stateSize) {
    HeadSpec spec = deployed(setup).spec(head, stateSize, 0);
    return spec.complaint().isPresent() ? 0 : sized(setup, spec).degree(head);
  }

  /** Returns the setup with the bytes that a sequence leaves for its sketch. */
  private static Setup sized(Setup setup, HeadSpec spec) {
    SketchConfig config = spec.sketchConfig(spec.layout());
    return setup.within(config.maxBytes());
  }

  /** Returns the result; null if the form does not fit the state size. */
  private static Point point(
      Setting setting,
      Stream stream,
      String form,
      int stateSize,
      QueryBlock queries,
      double[][] exact) {
    Setup setup = setup(form, stream);
    HeadSpec spec = deployed(setup).spec(stream.head(), stateSize, 0);
    if (spec.complaint().isPresent()) {
      return null;
    }
    Setup sized = sized(setup, spec);
    double[] errors = new double[form.equals("paper") ? setting.pick(3, 5) : 1];
    for (int i = 0; i < errors.length; i++) {
      Method.State state = deployed(setup).begin(stream.head(), stateSize, setting.seed() + i);
      feed(stream, state);
      Method.Answered answered = state.answer(queries);
      errors[i] = Errors.relative(answered.outputs(), exact);
    }
    int size =
        switch (form) {
          case "paper" -> sized.m2(stream.head());
          case "directions" -> sized.size(stream.head(), "directions of (\\d+) columns");
          default -> 0;
        };
    return new Point(form, stateSize, sized.degree(stream.head()), size, Numbers.median(errors));
  }

  private static void feed(Stream stream, Method.State state) {
    Head head = stream.head();
    int d = head.keyDim();
    int dv = head.valueDim();
    for (int j = 0; j < stream.tokens(); j++) {
      state.accept(
          Arrays.copyOfRange(head.keys(), j * d, (j + 1) * d),
          Arrays.copyOfRange(head.values(), j * dv, (j + 1) * dv));
    }
  }
}
