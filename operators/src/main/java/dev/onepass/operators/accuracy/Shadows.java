package dev.onepass.operators.accuracy;

import dev.onepass.operators.metrics.HeadMetrics;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.Header;

/**
 * The shadows of sequences: they begin with a sequence's first token, and end when it has more
 * tokens than they may keep, when it is dropped, or when they find that they have missed one,
 * because sampling was off for a while. Exact attention needs every token, so a shadow that lacks
 * one is of no use.
 */
public final class Shadows {

  private final ShadowSampling sampling;
  private final ShadowStore store;

  /** Shadows over the state of the current key. */
  public Shadows(ShadowSampling sampling, ShadowStore store) {
    this.sampling = sampling;
    this.store = store;
  }

  /**
   * Follows a sequence that has accepted a token.
   *
   * @param header of the sequence, with that token
   * @param weight 1 for a token, -1 for a retraction
   */
  public void follow(
      String sequence,
      Header header,
      float[] key,
      float[] value,
      float weight,
      HeadMetrics metrics) {
    if (!sampling.covers(sequence)) {
      return;
    }
    ShadowProgress now = progress(header);
    ShadowProgress before = store.progress();
    if (before == null && now.entries() > 1) {
      return;
    }
    boolean missedSome = before != null && before.entries() != now.entries() - 1;
    boolean tooMany = now.entries() > sampling.maxTokens();
    if (missedSome || tooMany) {
      store.clear();
      metrics.countShadowEnded();
    } else {
      store.append(key, value, weight, now);
    }
  }

  /**
   * Compares answers with exact attention, if the sequence has a shadow and is not exact itself.
   *
   * @param header of the sequence
   * @param queries what was asked
   * @param answers what was answered
   */
  public void compare(
      String sequence, Header header, QueryBlock queries, Answers answers, HeadMetrics metrics) {
    if (!sampling.covers(sequence)
        || header.isExact()
        || answers.outputs().length == 0
        || !progress(header).equals(store.progress())) {
      return;
    }
    double[] errors =
        TrueError.of(queries, store.tokens(header.keyDim(), header.valueDim()), answers.outputs());
    for (int q = 0; q < errors.length; q++) {
      if (Double.isFinite(errors[q])) {
        metrics.countTrueError(errors[q], answers.error()[q]);
      }
    }
  }

  /** Drops the shadow of a sequence that is dropped, whether or not sampling is still on. */
  public void forget() {
    store.clear();
  }

  private static ShadowProgress progress(Header header) {
    return new ShadowProgress(header.accepted(), header.accepted() - header.tokens());
  }
}
