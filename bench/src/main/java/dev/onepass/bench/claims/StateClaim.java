// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.claims;

import static dev.onepass.bench.claims.Words.text;

import dev.onepass.bench.measure.Attention;
import dev.onepass.bench.measure.Columns;
import dev.onepass.bench.measure.Setup;
import dev.onepass.bench.report.LinePlot;
import dev.onepass.bench.report.Table;
import dev.onepass.datasets.progress.Progress;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.QuerySide;
import dev.onepass.sketch.api.QuerySketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.HeapStore;
import dev.onepass.sketch.sequence.Sequence;
import dev.onepass.sketch.sequence.StateLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import me.tongfei.progressbar.ProgressBar;

/** The claim that the state does not grow with n. */
final class StateClaim implements Claim {
  private static final int DIM = 4;
  private static final int ALLOWED = 128 << 10;
  private static final int SPARSITY = 4;
  private static final int QUERIES = 64;

  @Override
  public String name() {
    return "state";
  }

  @Override
  public String title() {
    return "State against the number of tokens";
  }

  @Override
  public String claim() {
    return "One pass over the tokens needs memory that does not grow with the number of tokens:"
        + " o(n) in the abstract, a constant number of bytes for each sequence here.";
  }

  @Override
  public String measured() {
    return text(
        "The bytes of one sequence (header, pending block, sketch, and stored queries) at"
            + " d = dv = %d and a state size of %s. 'newest tokens' is the pending block. Tokens"
            + " are accepted one by one. A sequence keeps all of its tokens until they exceed"
            + " its bytes; 'exact' always keeps them. Degree 2; the query side is sized for k ="
            + " %d and holds %d queries.",
        DIM, Words.bytes(ALLOWED), SPARSITY, QUERIES);
  }

  @Override
  public Finding measure(Setting setting) {
    int most = setting.pick(100_000, 10_000_000);
    List<Setup> setups =
        List.of(
            Setup.of("polynomial", ALLOWED, setting.seed()).degree(2),
            onepass("outputs", setting),
            onepass("moments", setting),
            onepass("paper", setting));
    Table table =
        new Table(
            "sketch",
            "tokens",
            "mode",
            "header [B]",
            "newest tokens [B]",
            "sketch [B]",
            "queries [B]",
            "all [B]",
            "allowed [B]");
    LinePlot plot = new LinePlot("State of one sequence", "tokens", "state [bytes]").logX().logY();
    List<String> verdicts = new ArrayList<>();
    try (ProgressBar bar = Progress.bar("state", (long) most * setups.size())) {
      for (Setup setup : setups) {
        verdicts.add(measure(setup, most, table, plot, bar));
      }
    }
    double[] n = {1, most};
    int tokenBytes = 2 * DIM * Float.BYTES;
    plot.reference("exact (all tokens)", n, new double[] {tokenBytes, (double) tokenBytes * most});
    plot.reference("allowed", n, new double[] {ALLOWED, ALLOWED});
    return new Finding(
        table,
        List.of(plot),
        text("From the end of exact mode to %,d tokens: ", most).replace(',', ' ')
            + String.join("; ", verdicts)
            + text(
                ". Keeping every token would need %s.", Words.bytes((double) tokenBytes * most)));
  }

  private static Setup onepass(String form, Setting setting) {
    return Setup.onepass(form, ALLOWED, setting.seed())
        .degree(2)
        .with("onepass.recover-k", SPARSITY);
  }

  private static String measure(
      Setup setup, int most, Table table, LinePlot plot, ProgressBar bar) {
    HeadSpec spec =
        new HeadSpec(
            "head",
            DIM,
            DIM,
            1 / Math.sqrt(DIM),
            ALLOWED,
            0,
            setup.family(),
            setup.seed(),
            setup.parameters());
    HeapStore store = new HeapStore();
    Sequence sequence = Sequence.open(spec, store);
    Header header = sequence.header();
    SketchConfig sketch = spec.sketchConfig(spec.layout());
    Optional<QuerySide> side = setup.family().querySide(sketch);
    int mostForQueries = side.map(QuerySide::maxBytes).orElse(0);
    SplittableRandom random = new SplittableRandom(setup.seed());
    float[] key = new float[DIM];
    float[] value = new float[DIM];
    List<double[]> points = new ArrayList<>();
    double first = Double.NaN;
    double largest = 0;
    long next = 1;
    for (int n = 1; n <= most; n++) {
      for (int i = 0; i < DIM; i++) {
        key[i] = (float) (2 * random.nextDouble() - 1);
        value[i] = (float) (2 * random.nextDouble() - 1);
      }
      sequence.accept(Sequence.NO_POSITION, key, value);
      boolean seen = n == next || n == most;
      if (!seen && header.isExact()) {
        continue;
      }
      int pending = header.pending() * spec.layout().tokenBytes();
      int tokenSide = (int) header.stateBytes();
      int all = tokenSide + (header.isExact() ? 0 : mostForQueries);
      if (!header.isExact()) {
        first = Double.isNaN(first) ? all : first;
        largest = Math.max(largest, all);
      }
      if (seen) {
        int forQueries = header.isExact() ? 0 : queryBytes(side, store, random);
        table.row(
            setup.label(),
            n,
            header.isExact() ? "exact" : "sketch",
            StateLayout.RESERVED_BYTES,
            pending,
            tokenSide - StateLayout.RESERVED_BYTES - pending,
            forQueries,
            tokenSide + forQueries,
            ALLOWED);
        points.add(new double[] {n, all});
        next *= 10;
      }
      if (n % 4096 == 0) {
        bar.stepBy(4096);
      }
    }
    plot.line(
        setup.label(),
        points.stream().mapToDouble(p -> p[0]).toArray(),
        points.stream().mapToDouble(p -> p[1]).toArray());
    return text(
        "%s needs at most %s, %s the allowed bytes, and %s",
        setup.label(),
        Words.bytes(largest),
        largest <= ALLOWED ? "within" : "MORE THAN",
        largest <= first + ALLOWED / 4.0 ? "only its pending block varies" : "it GROWS");
  }

  /** Returns the bytes of a query sketch that holds {@value #QUERIES} queries. */
  private static int queryBytes(
      Optional<QuerySide> side, HeapStore store, SplittableRandom random) {
    if (side.isEmpty()) {
      return 0;
    }
    float[] vectors = new float[QUERIES * DIM];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = (float) (2 * random.nextDouble() - 1);
    }
    QuerySketch queries = side.get().begin();
    AttentionSketch tokens = store.sketch(AnchorSets.NONE);
    QueryBlock block = new QueryBlock(vectors, QUERIES, DIM, 1 / Math.sqrt(DIM));
    queries.add(0, block, Columns.floats(Attention.answers(tokens, block)), tokens);
    return queries.stateBytes();
  }
}
