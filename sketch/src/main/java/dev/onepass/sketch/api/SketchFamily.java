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

  /** Whether a token can be taken back after it was folded, in a sketch without an anchor set. */
  boolean canRetract();

  /**
   * Whether a sketch that was begun for this configuration and with this anchor set can take back a
   * token that it has folded.
   */
  default boolean canRetract(SketchConfig config, Optional<AnchorSet> adopted) {
    return canRetract();
  }

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
   * @throws IllegalArgumentException with a sentence that says what to set
   */
  void check(SketchConfig config);

  /**
   * One line for the log: what this configuration buys (sizes, promises). Call {@link #check}
   * first.
   */
  String describe(SketchConfig config);

  /**
   * An empty sketch for a sequence that goes on from here.
   *
   * @param known the tokens the sequence holds at this moment; the family may learn from them (a
   *     centre, clusters) but folds none of them: the caller does
   */
  AttentionSketch begin(SketchConfig config, TokenBlock known);

  /**
   * An empty sketch for a sequence that goes on from here, of a head that may have anchor sets.
   *
   * @param known as in {@link #begin(SketchConfig, TokenBlock)}
   * @param anchors what sequences of the head share; a family that shares nothing ignores it
   */
  default AttentionSketch begin(SketchConfig config, TokenBlock known, AnchorSets anchors) {
    return begin(config, known);
  }

  /**
   * Reads what {@link AttentionSketch#toByteArray()} wrote; the preamble is already consumed.
   *
   * @throws CorruptSketchException if the bytes are not a sketch of this family
   */
  AttentionSketch heapify(Preamble preamble, WireReader in);

  /**
   * Reads a sketch of a head that may have anchor sets.
   *
   * @param anchors what sequences of the head share; a family that shares nothing ignores it
   * @throws CorruptSketchException if the bytes are not a sketch of this family
   */
  default AttentionSketch heapify(Preamble preamble, WireReader in, AnchorSets anchors) {
    return heapify(preamble, in);
  }

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
