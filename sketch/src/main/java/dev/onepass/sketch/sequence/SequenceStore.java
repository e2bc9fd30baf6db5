package dev.onepass.sketch.sequence;

import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.blocks.TokenBlock;

/**
 * Where the states of one sequence lie: header, pending block, sketch of the tokens, sketch of the
 * queries. Reads are not cached; whoever calls reads once.
 */
public interface SequenceStore {

  /** The header, or null if the sequence is unknown. */
  Header header();

  /** Writes the header. */
  void putHeader(Header header);

  /**
   * The pending tokens, in the order of acceptance. Whoever changes the block replaces the pending
   * tokens.
   */
  TokenBlock pending(int keyDim, int valueDim);

  /** Appends one token to the pending ones, without reading them. */
  void appendPending(float[] key, float[] value, float weight);

  /** Replaces the pending tokens; the block is the store's from then on. */
  void replacePending(TokenBlock block);

  /**
   * The sketch, or null if there is none. Whoever changes it puts it back.
   *
   * @param anchors what sequences of the head share
   */
  AttentionSketch sketch(AnchorSets anchors);

  /** Writes the sketch, which is the store's from then on. */
  void putSketch(AttentionSketch sketch);

  /**
   * A copy of the sketch from which pending retractions were taken, as it was kept last; null if
   * there is none, and once a retraction is appended or the pending tokens or the sketch are
   * replaced. A store may drop it at any time.
   */
  default AttentionSketch sketchWithoutRetracted() {
    return null;
  }

  /** Keeps a copy of the sketch from which pending retractions were taken; it is never written. */
  default void keepSketchWithoutRetracted(AttentionSketch copy) {}

  /** The bytes of what the sequence remembers of queries, or null if there is nothing. */
  byte[] queries();

  /** Writes the bytes of what the sequence remembers of queries. */
  void putQueries(byte[] bytes);

  /** Drops what the sequence remembers of queries. */
  void clearQueries();

  /** Drops all but the header. */
  void clearContent();
}
