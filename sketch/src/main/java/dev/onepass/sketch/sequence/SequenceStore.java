package dev.onepass.sketch.sequence;

import dev.onepass.sketch.TokenBlock;

/**
 * Where the states of one sequence lie: header, pending block, sketch of the tokens, sketch of the
 * queries. Reads are not cached; whoever calls reads once.
 */
public interface SequenceStore {

  /** The header, or null if the sequence is unknown. */
  Header header();

  /** Writes the header. */
  void putHeader(Header header);

  /** The pending tokens, in the order of acceptance. */
  TokenBlock pending(int keyDim, int valueDim);

  /** Appends one token to the pending ones, without reading them. */
  void appendPending(float[] key, float[] value, float weight);

  /** Replaces the pending tokens. */
  void replacePending(TokenBlock block);

  /** The sketch's bytes, or null if there is none. */
  byte[] sketch();

  /** Writes the sketch's bytes. */
  void putSketch(byte[] bytes);

  /** The bytes of what the sequence remembers of queries, or null if there is nothing. */
  byte[] queries();

  /** Writes the bytes of what the sequence remembers of queries. */
  void putQueries(byte[] bytes);

  /** Drops all but the header. */
  void clearContent();
}
