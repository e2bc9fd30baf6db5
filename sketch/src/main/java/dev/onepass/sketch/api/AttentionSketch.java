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
 * <p>For a query q the answer is {@code sum_j exp(s q.k_j) v_j / sum_j exp(s q.k_j)}. A sketch adds
 * its own two sums to a {@link SoftmaxSum}, so that parts of a sequence that are kept in different
 * ways (a sketch, the newest tokens, another shard) combine by log-sum-exp.
 *
 * <p>Invariants, each held by a property test over every family:
 *
 * <ol>
 *   <li>{@link #stateBytes()} never exceeds the {@link SketchConfig#maxBytes()} it was begun with.
 *   <li>Folding a ++ b equals merging fold(a) and fold(b) to 1e-5 of the summed magnitudes, or to
 *       what a family that keeps fewer bits states.
 *   <li>Retracting what was folded restores the answer to rounding relative to the peak mass.
 *   <li>{@code heapify(toByteArray(s))} answers bit for bit like s.
 *   <li>Answers are finite; the caller clamps them to {@link #valueRange()}.
 * </ol>
 *
 * <p>Sketches are not thread-safe.
 */
public interface AttentionSketch {

  /** The family that made this sketch and can read its bytes. */
  SketchFamily family();

  /** Length of every key and query vector. */
  int keyDim();

  /** Length of every value and output vector. */
  int valueDim();

  /**
   * Folds a block of tokens.
   *
   * @param block tokens with this sketch's dimensions; a token of weight -1 takes back an earlier
   *     one
   * @throws IllegalArgumentException if the dimensions differ
   * @throws SketchFullException if the family keeps whole tokens and has no room for these; nothing
   *     is folded then
   * @throws UnsupportedOperationException if a weight is negative and the family cannot retract
   */
  void update(TokenBlock block);

  /**
   * Adds this sketch's share of the softmax sums of every query. An empty sketch adds nothing.
   *
   * @param queries vectors with this sketch's key dimension, and the logit scale
   * @param sums one row per query
   */
  void addTo(SoftmaxSum sums, QueryBlock queries);

  /**
   * What must be worked out before {@link #addTo} can answer at once; empty if nothing. Where the
   * sketch has not been {@link #settle settled} this may take two steps: ask again. An answer that
   * comes without it works it out itself, on its own thread, and ends in an {@link
   * InterruptedWorkException} if that is interrupted.
   */
  default Optional<Preparation> preparation() {
    return Optional.empty();
  }

  /**
   * Adds everything the other sketch has folded; the other one is left as it is.
   *
   * @throws IncompatibleSketchException if the two do not describe tokens in the same terms
   * @throws SketchFullException if the family keeps whole tokens and has no room for the sum
   */
  void merge(AttentionSketch other);

  /**
   * Decides now what the sketch chooses by its own values. Bytes hold decisions, so {@link
   * #toByteArray()} decides too; whoever keeps a sketch between folds calls this after each, and
   * its bytes do not depend on when they are asked for.
   */
  default void settle() {}

  /** Tokens folded, less retracted ones. */
  long tokenCount();

  /** The range of every coordinate of the values folded so far; never shrinks. */
  ValueRange valueRange();

  /** Version of the anchor set the sketch was begun with; 0 if none. */
  default int anchorsVersion() {
    return 0;
  }

  /** Exact length of {@link #toByteArray()}. */
  int stateBytes();

  /** Bytes on the heap, roughly, with what answering has prepared. */
  default long heapBytes() {
    return stateBytes();
  }

  /** The whole state, little-endian, behind the {@link dev.onepass.sketch.wire.Preamble}. */
  byte[] toByteArray();
}
