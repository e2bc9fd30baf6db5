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
 * Makes and reads the sketches of one kind. Adding a kind means one of these, and a line in {@link
 * SketchFamilies}. Each is a singleton and stays one when it is shipped to another process.
 */
public interface SketchFamily extends Serializable {

  /** The number that stands in the preamble of every sketch of this family; never reused. */
  int id();

  /** The word that options and answers use, for example {@code polynomial}. */
  String name();

  /**
   * Returns whether a sketch can take back a token that it has folded.
   *
   * @param config what the sketch was begun for
   * @param adopted the anchor set that the sketch was begun with; empty if none
   */
  boolean canRetract(SketchConfig config, Optional<AnchorSet> adopted);

  /** Whether sketches use anchor sets where their head has some. */
  default boolean usesAnchors() {
    return false;
  }

  /**
   * Works out, on the calling thread, what sketches for this configuration need of a set when they
   * fold tokens. Returns at once if that was done before, and if they need nothing.
   *
   * @throws InterruptedException if the thread was interrupted; nothing is left behind then
   */
  default void prepare(SketchConfig config, AnchorSet set) throws InterruptedException {}

  /** Whether {@link #prepare} has nothing to do, so that folding tokens waits for nothing. */
  default boolean isPrepared(SketchConfig config, AnchorSet set) {
    return true;
  }

  /**
   * The most bytes that one factor takes in the {@link dev.onepass.sketch.anchors.FactorCache} for
   * sketches of this configuration; 0 if they take none.
   *
   * @param mostAnchors of any set of the head
   */
  default long factorBytes(SketchConfig config, int mostAnchors) {
    return 0;
  }

  /**
   * Checks that a sketch of this family fits the configuration.
   *
   * @return empty if it fits; otherwise one sentence without a full stop that says what does not
   *     fit, and what would
   */
  Optional<String> complaint(SketchConfig config);

  /**
   * Describes in one line what a configuration buys: sizes and promises.
   *
   * @throws IllegalArgumentException if there is a {@link #complaint}
   */
  String describe(SketchConfig config);

  /**
   * Begins an empty sketch.
   *
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
   * What the family remembers of queries under this configuration. Nothing, unless it can recover
   * the large entries of the outputs of all queries and the bytes hold what that takes.
   */
  default Optional<QuerySide> querySide(SketchConfig config) {
    return Optional.empty();
  }

  /**
   * Reads what {@link QuerySketch#toByteArray()} wrote; the preamble is already consumed.
   *
   * @throws CorruptSketchException if the bytes are not a query sketch of this family
   */
  default QuerySketch heapifyQueries(Preamble preamble, WireReader in) {
    throw new CorruptSketchException("family " + name() + " keeps no queries");
  }
}
