// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.QuerySide;
import dev.onepass.sketch.api.QuerySketch;
import dev.onepass.sketch.api.Recovery;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.registry.SketchFamilies;
import java.util.List;
import java.util.Optional;

/** What a sequence remembers of its queries, from which columns of answers are recovered. */
final class RememberedQueries {

  private RememberedQueries() {}

  /** Returns whether the sequence's family can recover outputs of past queries. */
  static boolean canRecover(SequenceState state) {
    return state.header().queryBytes() > 0 || querySide(state).isPresent();
  }

  private static Optional<QuerySide> querySide(SequenceState state) {
    return Folds.staysExact(state) ? Optional.empty() : state.family().querySide(state.config());
  }

  /** Returns the query sketch, empty at first; null if the sequence remembers no queries. */
  static QuerySketch sketch(SequenceState state) {
    if (state.header().queryBytes() > 0) {
      return SketchFamilies.heapifyQueries(state.store().queries());
    }
    QuerySide side = querySide(state).orElse(null);
    return side != null && fits(state.header(), side) ? side.begin() : null;
  }

  /** A sequence that began under other options may have no bytes left. */
  private static boolean fits(Header header, QuerySide side) {
    StateLayout layout = header.layout();
    if (header.isExact()) {
      return side.closesTokens() || layout.queryBytes() >= side.maxBytes();
    }
    return header.sketchBytes() + side.maxBytes() <= layout.sketchBytes();
  }

  /**
   * Adds queries and closes the sequence for tokens: all of them are folded.
   *
   * @return the sketch of all tokens; empty if they were folded under other options than the job
   *     has now, so that the queries are answered but not remembered
   */
  static Optional<AttentionSketch> addAndClose(
      SequenceState state, QuerySketch remembered, QueryBlock queries) {
    TokenBlock pending = state.pending();
    AttentionSketch tokens = Folds.withAll(state, pending);
    AttentionSketch read = tokens.forQueries();
    if (!remembered.fits(read)) {
      return Optional.empty();
    }
    remembered.add(remembered.nextRow(), queries, new float[0][], read);
    if (!state.header().isClosed()) {
      state.keep(tokens, pending.slice(0, 0));
      state.header().close();
    }
    keep(state, remembered);
    return Optional.of(tokens);
  }

  /** Writes the query sketch. */
  static void keep(SequenceState state, QuerySketch remembered) {
    byte[] bytes = remembered.toByteArray();
    state.store().putQueries(bytes);
    state.header().queryBytes(bytes.length);
  }

  /** Recovers as {@link Sequence#recover} says. */
  static Recovery recover(SequenceState state, int k) {
    if (state.header().queryBytes() == 0) {
      return new Recovery(0, List.of());
    }
    QuerySketch queries = SketchFamilies.heapifyQueries(state.store().queries());
    AttentionSketch tokens = queries.closesTokens() ? state.sketch().forQueries() : null;
    return queries.recover(tokens, k == 0 ? queries.largestK() : k);
  }
}
