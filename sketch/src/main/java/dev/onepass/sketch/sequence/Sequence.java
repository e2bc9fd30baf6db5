// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.annotations.Internal;
import dev.onepass.sketch.annotations.PublicEvolving;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.QuerySketch;
import dev.onepass.sketch.api.Recovery;
import dev.onepass.sketch.api.RecoveryRefusedException;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.exact.ExactSketch;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * A handle on one sequence: accepts tokens, folds them when they are due, and answers queries.
 *
 * <p>A sequence begins exact: all tokens are pending, and the pending block may use all bytes. The
 * token that does not fit any more takes the sequence over to its head's family: a sketch is begun
 * from all tokens, whole blocks of the cut size are folded, and the rest stays pending. From then
 * on the block is folded whenever it is full. So blocks are cut at multiples of the cut size in
 * accepted tokens, independent of queries, checkpoints and time, and equal streams produce equal
 * bytes.
 *
 * <p>A retraction removes its token if that is still pending, whatever the family. Otherwise it is
 * a token of weight -1, if the sketch can take back what it has folded.
 *
 * <p>The handle reads the header when it is opened, and writes it when it is closed, once, if it
 * has changed. Tokens and sketches are written as they change. Close a handle before another one is
 * opened over the same store. Handles are not thread-safe.
 */
@PublicEvolving
public final class Sequence implements AutoCloseable {

  /** Position of a token that carries none. */
  public static final long NO_POSITION = -1;

  private final SequenceState state;
  private final LongConsumer foldNanos;

  private Sequence(SequenceState state, LongConsumer foldNanos) {
    this.state = state;
    this.foldNanos = foldNanos;
  }

  /** Opens the sequence in a store, of a head without anchor sets. */
  public static Sequence open(HeadSpec spec, SequenceStore store) {
    return open(spec, store, AnchorSets.NONE);
  }

  /** Opens the sequence in a store. */
  public static Sequence open(HeadSpec spec, SequenceStore store, AnchorSets anchors) {
    return open(spec, store, anchors, nanos -> {});
  }

  /**
   * Opens the sequence in a store.
   *
   * @param anchors the anchor sets of the head
   * @param foldNanos receives the nanoseconds of each fold: reading, folding and writing
   */
  public static Sequence open(
      HeadSpec spec, SequenceStore store, AnchorSets anchors, LongConsumer foldNanos) {
    return new Sequence(new SequenceState(spec, store, anchors), foldNanos);
  }

  /** Returns the number of accepted tokens minus the retracted ones. */
  public long tokens() {
    return state.header().tokens();
  }

  /** Returns the sequence's counts and settings. A {@link #forget} replaces them. */
  @Internal
  public Header header() {
    return state.header();
  }

  /**
   * Accepts a token or refuses it.
   *
   * @param position at least 0, or {@link #NO_POSITION}
   * @param key finite numbers, as many as the head's key dimension
   * @param value finite numbers, as many as the head's value dimension
   */
  public Acceptance accept(long position, float[] key, float[] value) {
    Header header = state.header();
    boolean hasPosition = position != NO_POSITION;
    if (hasPosition && header.isDuplicate(position)) {
      header.countDuplicate();
      return Acceptance.DUPLICATE;
    }
    if (header.keyDim() != key.length || header.valueDim() != value.length) {
      return Acceptance.OTHER_DIMENSIONS;
    }
    if (header.wouldMix(hasPosition)) {
      return Acceptance.MIXED_POSITIONS;
    }
    if (header.isClosed()) {
      return Acceptance.CLOSED;
    }
    if (isFull()) {
      return Acceptance.FULL;
    }
    header.countAccepted(position);
    append(key, value, 1);
    return Acceptance.ACCEPTED;
  }

  /**
   * Takes one token back, or refuses to. Not idempotent.
   *
   * @param key the retracted token's key
   * @param value the retracted token's value
   */
  public Acceptance retract(float[] key, float[] value) {
    Header header = state.header();
    if (header.keyDim() != key.length || header.valueDim() != value.length) {
      return Acceptance.OTHER_DIMENSIONS;
    }
    if (header.isClosed()) {
      return Acceptance.CLOSED;
    }
    if (header.tokens() <= 0) {
      return Acceptance.NOTHING_TO_RETRACT;
    }
    TokenBlock pending = state.pending();
    if (pending.removeNewest(key, value)) {
      state.store().replacePending(pending);
      header.pending(pending.count());
    } else if (header.isExact()) {
      return Acceptance.NOTHING_TO_RETRACT;
    } else if (!state
        .family()
        .canRetract(state.config(), state.anchors().version(header.anchorsVersion()))) {
      return Acceptance.CANNOT_RETRACT;
    } else {
      append(key, value, -1);
    }
    header.countRetracted();
    return Acceptance.ACCEPTED;
  }

  private boolean isFull() {
    Header header = state.header();
    return header.isExact()
        && state.spec().family() == ExactFamily.INSTANCE
        && header.pending() >= header.layout().exactTokens();
  }

  private void append(float[] key, float[] value, float weight) {
    Header header = state.header();
    if (Folds.isDue(header)) {
      Folds.adoptSizesIfNeeded(state);
      if (Folds.isDue(header)) {
        long begin = System.nanoTime();
        Folds.fold(state, key, value, weight);
        foldNanos.accept(System.nanoTime() - begin);
        return;
      }
    }
    state.store().appendPending(key, value, weight);
    header.pending(header.pending() + 1);
  }

  /** Returns the work that makes the next answers fast; empty if nothing is missing. */
  public Optional<Preparation> preparation() {
    Header header = state.header();
    if (header.tokens() <= 0 || header.isExact()) {
      return Optional.empty();
    }
    return answering(state.pending()).preparation();
  }

  /**
   * Returns the work that the next token or retraction needs; empty if nothing is missing. Only a
   * token that folds others needs any work; before all other tokens this takes a few comparisons.
   */
  public Optional<Preparation> foldPreparation() {
    return Folds.preparation(state);
  }

  /** Returns the stored sketch less the tokens that pending retractions take back. */
  private AttentionSketch answering(TokenBlock pending) {
    AttentionSketch sketch = state.sketch();
    if (!pending.retracts()) {
      return sketch;
    }
    // A retracted token is in the sketch, with the weight that the sketch gives it.
    AttentionSketch copy = state.store().sketchWithoutRetracted();
    if (copy == null) {
      copy = state.copy(sketch);
      copy.update(pending.only(false));
      state.store().keepSketchWithoutRetracted(copy);
    }
    return copy;
  }

  /**
   * Answers queries over all accepted tokens: the sketch and the pending tokens, combined by
   * log-sum-exp.
   *
   * @param queries vectors of the sequence's key dimension
   * @return one row per query vector, or {@link Answers#NONE} if there are no tokens
   * @throws IllegalArgumentException if the vectors have another dimension
   */
  public Answers answer(QueryBlock queries) {
    return part(queries).answers();
  }

  /**
   * Answers queries as one part of a larger sequence: returns sums that add up with those of the
   * other parts.
   *
   * @param queries vectors of the sequence's key dimension
   * @throws IllegalArgumentException if the vectors have another dimension
   */
  @Internal
  public SequencePart part(QueryBlock queries) {
    Header header = state.header();
    if (header.tokens() <= 0) {
      return part();
    }
    checkDimension(queries);
    TokenBlock pending = state.pending();
    return part(queries, pending, header.isExact() ? null : answering(pending));
  }

  private void checkDimension(QueryBlock queries) {
    if (queries.dim() != state.header().keyDim()) {
      throw new IllegalArgumentException(
          "Expected query vectors of length %d, got length %d."
              .formatted(state.header().keyDim(), queries.dim()));
    }
  }

  /** Returns the counts of this sequence as one part of a larger sequence, without answers. */
  @Internal
  public SequencePart part() {
    return new SequencePart(SequenceCounts.of(state.header(), familyName()), null, null);
  }

  /**
   * @param pending tokens next to the sketch; retractions among them are in the sketch
   */
  private SequencePart part(QueryBlock queries, TokenBlock pending, AttentionSketch sketch) {
    int valueDim = state.header().valueDim();
    SoftmaxSum sums = new SoftmaxSum(queries.count(), valueDim);
    ValueRange range = new ValueRange(valueDim);
    range.include(pending);
    if (sketch == null) {
      ExactSketch.addTo(sums, queries, pending);
    } else {
      ExactSketch.addTo(sums, queries, pending.only(true));
      sketch.addTo(sums, queries);
      range.include(sketch.valueRange());
    }
    return new SequencePart(SequenceCounts.of(state.header(), familyName()), sums, range);
  }

  /**
   * Answers like {@link #answer}, and remembers the queries if the family does so: each vector is a
   * row, numbered in the order of the calls ({@link Answers#firstRow}). In some forms of a family
   * the first query closes the sequence for tokens; all tokens are folded then.
   *
   * @param queries vectors of the sequence's key dimension
   * @return one row per query vector, or {@link Answers#NONE} if there are no tokens
   * @throws IllegalArgumentException if the vectors have another dimension
   */
  public Answers answerAndRemember(QueryBlock queries) {
    if (state.header().tokens() <= 0) {
      return Answers.NONE;
    }
    QuerySketch remembered = RememberedQueries.sketch(state);
    if (remembered == null) {
      return answer(queries);
    }
    checkDimension(queries);
    long row = remembered.nextRow();
    if (remembered.closesTokens()) {
      TokenBlock nothing = new TokenBlock(queries.dim(), state.header().valueDim(), 0);
      return RememberedQueries.addAndClose(state, remembered, queries)
          .map(tokens -> part(queries, nothing, tokens).answers().rememberedFrom(row))
          .orElseGet(() -> answer(queries));
    }
    Answers answers = answer(queries);
    remembered.add(row, queries, answers.outputs(), null);
    RememberedQueries.keep(state, remembered);
    return answers.rememberedFrom(row);
  }

  /** Returns whether the sequence's family can recover outputs of past queries. */
  public boolean canRecover() {
    return RememberedQueries.canRecover(state);
  }

  /**
   * Recovers the large entries of every column of the matrix of all answers, one row per query.
   *
   * @param k sparsity, or 0 for the largest that the sketch was made for
   * @return no rows and no columns if no query was remembered
   * @throws RecoveryRefusedException if k is larger than the sketch was made for, or if there are
   *     too many rows to look through for this k
   */
  public Recovery recover(int k) {
    return RememberedQueries.recover(state, k);
  }

  /** Returns the name of the family that the sequence uses, or will use after exact mode. */
  public String familyName() {
    return state.family().name();
  }

  /** Notes where the sequence's tokens come from. */
  @Internal
  public void comesFrom(TokenOrigin origin) {
    state.header().origin(origin);
  }

  /** Notes that the sequence lacks tokens, whatever their origin; holds until a forget. */
  public void markIncomplete() {
    state.header().markIncomplete();
  }

  /**
   * Drops all tokens. The next token begins a new sequence, with the head's present dimensions and
   * sizes.
   */
  public void forget() {
    state.forget();
  }

  /** Writes the header if it has changed. */
  public void save() {
    state.save();
  }

  /** Saves the sequence. */
  @Override
  public void close() {
    save();
  }
}
