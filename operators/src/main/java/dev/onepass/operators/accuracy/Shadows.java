// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.accuracy;

import dev.onepass.operators.metrics.HeadMetrics;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.Header;

/**
 * The shadows of sequences. A shadow begins with the first token of its sequence. It ends when the
 * sequence has more tokens than a shadow may keep, when the sequence is dropped, or when the shadow
 * has missed a token because sampling was off for a while: exact attention needs every token.
 */
public final class Shadows {

  private final ShadowSampling sampling;
  private final ShadowStore store;

  /** Creates shadows over the state of the current key. */
  public Shadows(ShadowSampling sampling, ShadowStore store) {
    this.sampling = sampling;
    this.store = store;
  }

  /**
   * Adds a token or retraction that the sequence has accepted.
   *
   * @param header the sequence's header, with the token counted
   * @param token the token, or its retraction
   */
  public void follow(String sequence, Header header, Token token, HeadMetrics metrics) {
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
      store.append(token, now);
    }
  }

  /**
   * Compares answers with exact attention over whole keys, if the sequence has a shadow and is not
   * exact itself.
   *
   * @param header the sequence's header
   * @param queries the query vectors
   * @param answers the answers to them
   */
  public void compare(
      String sequence, Header header, QueryBlock queries, Answers answers, HeadMetrics metrics) {
    if (!sampling.covers(sequence)
        || (header.isExact() && !header.isProjected())
        || answers.outputs().length == 0
        || !progress(header).equals(store.progress())) {
      return;
    }
    TokenBlock tokens = store.tokens(queries.dim(), header.valueDim());
    double[] errors = TrueError.of(queries, header.decay().weigh(tokens), answers.outputs());
    for (int q = 0; q < errors.length; q++) {
      if (Double.isFinite(errors[q])) {
        metrics.countTrueError(errors[q], answers.error()[q]);
      }
    }
  }

  /** Drops the shadow of a sequence that is dropped, even if sampling is off now. */
  public void forget() {
    store.clear();
  }

  private static ShadowProgress progress(Header header) {
    return new ShadowProgress(header.accepted(), header.accepted() - header.tokens());
  }
}
