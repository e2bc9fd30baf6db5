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

/** Answers, exact and from sketches, as matrices with one row a query. */
public final class Attention {
  /** Tokens folded at once, as the job does it. */
  public static final int BLOCK = 256;

  /** Tokens that a sequence knows when it goes over to a sketch. */
  private static final int KNOWN = 4_096;

  private Attention() {}

  /** Exact attention over the first tokens of a head. */
  public static double[][] exact(Head head, int tokens, QueryBlock queries) {
    return rows(withLogNormalizers(head, tokens, queries), head.valueDim());
  }

  /** Exact attention over the first tokens of a head, and the log-normalizers. */
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

  /** Returns the outputs, one row a query. */
  public static double[][] rows(ExactAttention.Result exact, int valueDim) {
    double[] flat = exact.outputs();
    double[][] rows = new double[flat.length / valueDim][valueDim];
    for (int i = 0; i < flat.length; i++) {
      rows[i / valueDim][i % valueDim] = flat[i];
    }
    return rows;
  }

  /** A sketch with the first tokens of a head folded, begun as a sequence begins it. */
  public static AttentionSketch fold(
      SketchFamily family, SketchConfig config, Head head, int tokens) {
    TokenBlock all = head.tokens(tokens);
    AttentionSketch sketch = family.begin(config, known(all), AnchorSets.NONE);
    for (int from = 0; from < tokens; from += BLOCK) {
      sketch.update(all.slice(from, Math.min(tokens, from + BLOCK)));
    }
    return sketch;
  }

  /** What a sequence knows of its tokens when it goes over to a sketch. */
  static TokenBlock known(TokenBlock all) {
    return all.slice(0, Math.min(all.count(), KNOWN));
  }

  /** What a sketch answers, within the range of the values as every answer is. */
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
