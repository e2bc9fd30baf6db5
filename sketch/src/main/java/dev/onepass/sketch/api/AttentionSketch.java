// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.api;

import dev.onepass.sketch.background.InterruptedWorkException;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import java.util.Optional;

/**
 * A summary of a stream of tokens (k_j, v_j) that answers softmax attention over all of them.
 *
 * <p>For a query q, the answer is {@code sum_j w_j exp(s q.k_j) v_j / sum_j w_j exp(s q.k_j)},
 * where w_j is the weight of a token ({@link TokenBlock}). A sketch adds its two sums to a {@link
 * SoftmaxSum}, relative to the exponent of the queries. So parts of a sequence that are kept in
 * different ways (a sketch, pending tokens, another shard) combine by log-sum-exp.
 *
 * <p>Property tests check these invariants for every family:
 *
 * <ol>
 *   <li>{@link #stateBytes()} never exceeds {@link SketchConfig#maxBytes()}.
 *   <li>Folding a ++ b equals merging fold(a) and fold(b) to 1e-5 of the summed magnitudes, or to
 *       the precision that a family with fewer bits states.
 *   <li>Retracting folded tokens restores the answer to rounding relative to the peak mass.
 *   <li>{@code heapify(toByteArray(s))} answers bit for bit like s.
 *   <li>Answers are finite; the caller clamps them to {@link #valueRange()}.
 * </ol>
 *
 * <p>Sketches are not thread-safe.
 */
public interface AttentionSketch {

  /** Returns the family that made this sketch and can read its bytes. */
  SketchFamily family();

  /** Returns the length of key and query vectors. */
  int keyDim();

  /** Returns the length of value and output vectors. */
  int valueDim();

  /**
   * Folds a block of tokens.
   *
   * @param block tokens with the dimensions of this sketch; a token of sign -1 takes back an
   *     earlier token of the same weight
   * @throws IllegalArgumentException if the dimensions differ
   * @throws SketchFullException if the family keeps whole tokens and has no room for these; nothing
   *     is folded then
   * @throws UnsupportedOperationException if a sign is negative and the family cannot retract
   */
  void update(TokenBlock block);

  /**
   * Adds this sketch's share of the softmax sums of every query. An empty sketch adds nothing.
   *
   * @param sums one row per query
   * @param queries vectors of this sketch's key dimension, and the logit scale
   */
  void addTo(SoftmaxSum sums, QueryBlock queries);

  /**
   * Adds like {@link #addTo}, for sums to which other parts add the exact weights of their tokens.
   * The normalizer must then be right for the tokens of this sketch even if the family's
   * approximation of exp is not: if it is too low, the other parts get too much of the answer.
   *
   * @param sums one row per query
   * @param queries vectors of this sketch's key dimension, and the logit scale
   */
  default void addWeighed(SoftmaxSum sums, QueryBlock queries) {
    addTo(sums, queries);
  }

  /**
   * Returns the work that must be done before {@link #addTo} can answer at once; empty if there is
   * none. If the sketch is not {@link #settle settled}, the work may come in two steps: call this
   * method again after the first. An answer without the work done does it on its own thread, and
   * ends in an {@link InterruptedWorkException} if that thread is interrupted.
   */
  default Optional<Preparation> preparation() {
    return Optional.empty();
  }

  /**
   * Adds all tokens of another sketch, which does not change.
   *
   * @param other another sketch of the same family
   * @throws IncompatibleSketchException if the two do not describe tokens in the same terms
   * @throws SketchFullException if the family keeps whole tokens and has no room for the sum
   */
  void merge(AttentionSketch other);

  /**
   * Makes the decisions that the sketch bases on its own values. Because bytes hold decisions,
   * {@link #toByteArray()} makes them too. A caller that keeps a sketch between folds calls this
   * method after each fold, so that the bytes do not depend on when they are written.
   */
  default void settle() {}

  /**
   * Gives up bytes, if the family {@link SketchFamily#canShrink can}. What was folded stays folded.
   *
   * @param bytes new bound on {@link #stateBytes()}, also for all later folds
   * @return whether the sketch keeps to the bound; if not, it has not changed
   */
  default boolean shrink(int bytes) {
    return false;
  }

  /** Returns the sketch that a {@link QuerySketch} reads in place of this one; does not change. */
  default AttentionSketch forQueries() {
    return this;
  }

  /**
   * Returns whether the sketch keeps a token exactly, so that it can take the token back even if
   * its family {@link SketchFamily#canRetract cannot}.
   *
   * @param retraction one retraction, weighed as the token was
   */
  default boolean keeps(TokenBlock retraction) {
    return false;
  }

  /** Returns the number of tokens folded minus tokens retracted. */
  long tokenCount();

  /** Returns the range of every coordinate of the values folded so far; it never shrinks. */
  ValueRange valueRange();

  /** Returns the version of the anchor set that the sketch was begun with; 0 if none. */
  default int anchorsVersion() {
    return 0;
  }

  /** Returns the exact length of {@link #toByteArray()}. */
  int stateBytes();

  /** Returns the approximate bytes on the heap, including what answering has prepared. */
  default long heapBytes() {
    return stateBytes();
  }

  /** Returns the whole state, little-endian, behind a {@link dev.onepass.sketch.wire.Preamble}. */
  byte[] toByteArray();
}
