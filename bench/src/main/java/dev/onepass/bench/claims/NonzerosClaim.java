// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.claims;

import com.sun.management.ThreadMXBean;
import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.measure.Setup;
import dev.onepass.bench.methods.Deployed;
import dev.onepass.bench.report.LinePlot;
import dev.onepass.bench.report.Table;
import dev.onepass.bench.stores.HeldStore;
import dev.onepass.datasets.heads.Head;
import dev.onepass.datasets.planted.Planted;
import dev.onepass.datasets.progress.Progress;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.polynomial.MonomialBasis;
import dev.onepass.sketch.sequence.Acceptance;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.Sequence;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;

/** The claim that a token of the directions form takes time by its numbers other than 0. */
final class NonzerosClaim implements Claim {
  private static final int DIM = 512;
  private static final int VALUE_DIM = 32;
  private static final int[] NONZEROS = {4, 16, 64, 256};
  private static final int STATE_SIZE = 8 << 20;
  private static final double DEVIATION = 0.3;

  private static final int RUNS = 3;

  /** Rows of the stream, which is fed again and again. */
  private static final int ROWS = 1_024;

  @Override
  public String name() {
    return "nonzeros";
  }

  @Override
  public String title() {
    return "Sparse keys: the time of a token by its numbers other than 0";
  }

  @Override
  public String claim() {
    return "In the form directions, the cost of a fold is by the nonzeros of keys and values, not by"
        + " their dimensions (sparse co-occurring directions, arXiv 2009.03527).";
  }

  @Override
  public String measured() {
    return Words.text(
        "Processor time of a token in a sequence of the job's configuration, sketch on the heap, over"
            + " enough tokens for several reductions. d = %d, dv = %d, degree 2, %d MiB of state."
            + " 'features' are the monomials of a key that are not 0: binom(nonzeros + 2, 2) of %d."
            + " 'outputs' keeps the whole product, needs %.0f MiB for it, and takes the same time for"
            + " every key; it is measured without a sequence. Compare 'time / time of 4' with"
            + " 'features / features of 4'.",
        DIM,
        VALUE_DIM,
        STATE_SIZE >> 20,
        MonomialBasis.size(DIM, 2),
        MonomialBasis.size(DIM, 2) * (VALUE_DIM + 1.0) * Float.BYTES / (1 << 20));
  }

  /** The time of a token with a number of coordinates other than 0. */
  private record Point(int nonzeros, long features, double micros) {}

  @Override
  public Finding measure(Setting setting) {
    List<Point> points = new ArrayList<>();
    double outputs;
    try (ProgressBar bar = Progress.bar("nonzeros", NONZEROS.length + 1)) {
      for (int nonzeros : NONZEROS) {
        Head head = head(setting, nonzeros);
        points.add(
            new Point(
                nonzeros,
                MonomialBasis.size(nonzeros, 2),
                micros(head, tokens(setting, nonzeros))));
        bar.step();
      }
      outputs = microsOfOutputs(head(setting, NONZEROS[0]));
      bar.step();
    }
    Point least = points.get(0);
    Table table =
        new Table(
            "nonzeros",
            "features",
            "token [us]",
            "time / time of 4",
            "features / features of 4",
            "token of outputs [us]");
    for (Point point : points) {
      table.row(
          point.nonzeros(),
          point.features(),
          point.micros(),
          point.micros() / least.micros(),
          (double) point.features() / least.features(),
          outputs);
    }
    LinePlot plot =
        new LinePlot("Time of a token, d = " + DIM, "features other than 0", "microseconds")
            .logX()
            .logY()
            .line("directions", all(points, false), all(points, true))
            .line(
                "outputs", all(points, false), points.stream().mapToDouble(p -> outputs).toArray());
    return new Finding(table, List.of(plot), verdict(points, outputs));
  }

  private static double[] all(List<Point> points, boolean micros) {
    return points.stream().mapToDouble(p -> micros ? p.micros() : p.features()).toArray();
  }

  private static Head head(Setting setting, int nonzeros) {
    return Planted.sparseKeys(ROWS, DIM, nonzeros, VALUE_DIM, DEVIATION, setting.seed());
  }

  /** Returns about enough tokens to fill the buffer several times. */
  private static int tokens(Setting setting, int nonzeros) {
    int full = STATE_SIZE / 4 / (6 * nonzeros + Float.BYTES * VALUE_DIM + 4);
    return setting.pick(1, 3) * full;
  }

  /** Returns the processor time of a token in microseconds, in a sequence that is not exact. */
  private static double micros(Head head, int tokens) {
    Setup setup = setup("directions");
    HeadSpec spec = new Deployed(setup.family(), setup.parameters()).spec(head, STATE_SIZE, 0);
    spec.check();
    Sequence sequence = Sequence.open(spec, new HeldStore(null), AnchorSets.NONE);
    do {
      feed(sequence, head, tokens);
    } while (sequence.header().isExact());
    return micros(tokens, () -> feed(sequence, head, tokens));
  }

  /** Returns the processor time of a token in microseconds, in a sketch of the whole product. */
  private static double microsOfOutputs(Head head) {
    Setup setup = setup("outputs");
    setup.fold(head, ROWS);
    return micros(ROWS, () -> setup.fold(head, ROWS));
  }

  private static Setup setup(String form) {
    return Setup.onepass(form, Setup.AMPLE, 0).degree(2).answersOnly();
  }

  private static double micros(int tokens, Runnable folds) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    double[] micros = new double[RUNS];
    for (int i = 0; i < RUNS; i++) {
      long begin = threads.getCurrentThreadCpuTime();
      folds.run();
      micros[i] = (threads.getCurrentThreadCpuTime() - begin) / 1e3 / tokens;
    }
    return Numbers.median(micros);
  }

  private static void feed(Sequence sequence, Head head, int tokens) {
    int d = head.keyDim();
    int dv = head.valueDim();
    for (int i = 0; i < tokens; i++) {
      int j = i % head.rows();
      Acceptance acceptance =
          sequence.accept(
              Sequence.NO_POSITION,
              Arrays.copyOfRange(head.keys(), j * d, (j + 1) * d),
              Arrays.copyOfRange(head.values(), j * dv, (j + 1) * dv));
      if (acceptance.isRefused()) {
        throw new IllegalStateException(acceptance.reason());
      }
    }
  }

  private static String verdict(List<Point> points, double outputs) {
    Point least = points.get(0);
    Point most = points.get(points.size() - 1);
    double[] features = all(points, false);
    double[] micros = all(points, true);
    return Words.text(
        "With %d nonzeros instead of %d, %.0f times the features, a token takes %.1f times as long"
            + " (%.3g instead of %.3g us; as features^%.2f). With %d nonzeros it takes %.2g of the"
            + " time of the whole product.",
        most.nonzeros(),
        least.nonzeros(),
        (double) most.features() / least.features(),
        most.micros() / least.micros(),
        most.micros(),
        least.micros(),
        Numbers.exponent(features, micros),
        least.nonzeros(),
        least.micros() / outputs);
  }
}
