// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.measure;

import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.exact.ExactAttention;

/** Exact answers and answers of sketches, as matrices with one row for each query. */
public final class Attention {
  /** Tokens folded at once, as in the job. */
  public static final int BLOCK = 256;

  /** Tokens that a sequence has when it leaves exact mode. */
  private static final int KNOWN = 4_096;

  private Attention() {}

  /** Returns exact attention over the first tokens of a head. */
  public static double[][] exact(Head head, int tokens, QueryBlock queries) {
    return rows(withLogNormalizers(head, tokens, queries), head.valueDim());
  }

  /** Returns exact attention over the first tokens of a head, with log-normalizers. */
  public static ExactAttention.Result withLogNormalizers(
      Head head, int tokens, QueryBlock queries) {
    return ExactAttention.attention(
        queries.vectors(),
        queries.count(),
        head.keys(),
        head.values(),
        tokens,
        head.keyDim(),
        head.valueDim(),
        queries.scale());
  }

  /** Returns the outputs, one row for each query. */
  public static double[][] rows(ExactAttention.Result exact, int valueDim) {
    double[] flat = exact.outputs();
    double[][] rows = new double[flat.length / valueDim][valueDim];
    for (int i = 0; i < flat.length; i++) {
      rows[i / valueDim][i % valueDim] = flat[i];
    }
    return rows;
  }

  /** Folds the first tokens of a head into a new sketch, which begins as in a sequence. */
  public static AttentionSketch fold(
      SketchFamily family, SketchConfig config, Head head, int tokens) {
    TokenBlock all = head.tokens(tokens);
    AttentionSketch sketch = family.begin(config, known(all), AnchorSets.NONE);
    for (int from = 0; from < tokens; from += BLOCK) {
      sketch.update(all.slice(from, Math.min(tokens, from + BLOCK)));
    }
    return sketch;
  }

  /** Returns the tokens that a sequence has when it leaves exact mode. */
  static TokenBlock known(TokenBlock all) {
    return all.slice(0, Math.min(all.count(), KNOWN));
  }

  /** Returns the answers of a sketch, clamped to the range of the values like every answer. */
  public static double[][] answers(AttentionSketch sketch, QueryBlock queries) {
    SoftmaxSum sums = new SoftmaxSum(queries.count(), sketch.valueDim());
    sketch.addTo(sums, queries);
    return answers(sums, sketch.valueRange(), sketch.valueDim());
  }

  static double[][] answers(SoftmaxSum sums, ValueRange range, int valueDim) {
    double[][] rows = new double[sums.queries()][valueDim];
    for (int q = 0; q < rows.length; q++) {
      for (int c = 0; c < valueDim; c++) {
        rows[q][c] = range.clamp(c, sums.output(q, c));
      }
    }
    return rows;
  }
}
