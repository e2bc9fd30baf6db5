// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.api;

import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import java.io.Serializable;
import java.util.Optional;

/**
 * Makes and reads the sketches of one kind. To add a kind, implement this interface and add a line
 * to {@link SketchFamilies}. Each family is a singleton and remains one when it is deserialized.
 */
public interface SketchFamily extends Serializable {

  /**
   * Returns the number that stands in the preamble of every sketch of this family; it is never
   * reused.
   */
  int id();

  /** Returns the name that options and answers use, for example {@code polynomial}. */
  String name();

  /**
   * Returns whether a sketch can take back a token that it has folded.
   *
   * @param config what the sketch was begun for
   * @param adopted the anchor set that the sketch was begun with; empty if none
   */
  boolean canRetract(SketchConfig config, Optional<AnchorSet> adopted);

  /** Returns whether sketches can give up bytes later; see {@link AttentionSketch#shrink}. */
  default boolean canShrink() {
    return false;
  }

  /** Returns whether sketches use the anchor sets of their head. */
  default boolean usesAnchors() {
    return false;
  }

  /**
   * Works out, on the calling thread, what sketches of this configuration need of an anchor set to
   * fold tokens. Returns at once if that is done already, or if they need nothing.
   *
   * @param config what the sketch is made for
   * @param set the anchor set
   * @throws InterruptedException if the thread was interrupted; nothing is left behind then
   */
  default void prepare(SketchConfig config, AnchorSet set) throws InterruptedException {}

  /**
   * Returns whether {@link #prepare} has nothing to do, so that folding tokens waits for nothing.
   *
   * @param config what the sketch is made for
   * @param set the anchor set
   */
  default boolean isPrepared(SketchConfig config, AnchorSet set) {
    return true;
  }

  /**
   * Returns the largest number of bytes that one factor takes in the {@link
   * dev.onepass.sketch.anchors.FactorCache} for sketches of this configuration; 0 if they use no
   * factors.
   *
   * @param config what the sketch is made for
   * @param mostAnchors largest number of anchors of any set of the head
   */
  default long factorBytes(SketchConfig config, int mostAnchors) {
    return 0;
  }

  /**
   * Checks that a sketch of this family fits the configuration.
   *
   * @param config what the sketch is made for
   * @return empty if it fits; otherwise one sentence without a full stop that says what does not
   *     fit, and what would
   */
  Optional<String> complaint(SketchConfig config);

  /**
   * Checks that the weights of folded tokens may decay. A family that folds tokens of any weight
   * relative to an exponent can do so.
   *
   * @param config what the sketch is made for
   * @return empty if they may, or if there is a {@link #complaint}; otherwise one sentence without
   *     a full stop that says why they must not, and which setting would allow it
   */
  default Optional<String> decayComplaint(SketchConfig config) {
    return Optional.empty();
  }

  /**
   * Checks that there is no {@link #complaint}, for callers that must have checked it before.
   *
   * @param config what the sketch is made for
   * @throws IllegalArgumentException with the complaint, if there is one
   */
  default void requireFit(SketchConfig config) {
    Optional<String> complaint = complaint(config);
    if (complaint.isPresent()) {
      throw new IllegalArgumentException(complaint.get());
    }
  }

  /**
   * Describes in one line the sizes and promises of a configuration.
   *
   * @param config what the sketch is made for
   * @throws IllegalArgumentException if there is a {@link #complaint}
   */
  String describe(SketchConfig config);

  /**
   * Begins an empty sketch.
   *
   * @param config what the sketch is made for
   * @param known the tokens that the sequence holds at this moment; the family may learn from them
   *     (a centre, clusters) but folds none of them: the caller does
   * @param anchors the anchor sets of the head; ignored by a family that does not use anchor sets
   * @throws IllegalArgumentException if there is a {@link #complaint}
   */
  AttentionSketch begin(SketchConfig config, TokenBlock known, AnchorSets anchors);

  /**
   * Reads the bytes that {@link AttentionSketch#toByteArray()} wrote.
   *
   * @param preamble the preamble, which is already consumed
   * @param in the bytes that follow the preamble
   * @param anchors the anchor sets of the head; ignored by a family that does not use anchor sets
   * @throws CorruptSketchException if the bytes are not a sketch of this family
   */
  AttentionSketch heapify(Preamble preamble, WireReader in, AnchorSets anchors);

  /**
   * Returns what the family remembers of queries under a configuration. Empty if the family cannot
   * recover the large entries of the outputs, if the bytes do not hold what that takes, or if there
   * is a {@link #complaint}.
   *
   * @param config what the sketch is made for
   */
  default Optional<QuerySide> querySide(SketchConfig config) {
    return Optional.empty();
  }

  /**
   * Reads the bytes that {@link QuerySketch#toByteArray()} wrote.
   *
   * @param preamble the preamble, which is already consumed
   * @param in the bytes that follow the preamble
   * @throws CorruptSketchException if the bytes are not a query sketch of this family
   */
  default QuerySketch heapifyQueries(Preamble preamble, WireReader in) {
    throw new CorruptSketchException("family %s has no query sketches".formatted(name()));
  }
}
