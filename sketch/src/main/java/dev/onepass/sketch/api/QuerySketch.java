package dev.onepass.sketch.api;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.registry.SketchFamilies;

/**
 * A summary of all queries of a sequence, from which the large entries of every column of the
 * output matrix Y (one row a query, one column an output coordinate) can be recovered.
 *
 * <p>It is stored apart from the tokens' {@link AttentionSketch}: a query writes only this, a token
 * only that. Both together stay within {@link SketchConfig#maxBytes()}.
 *
 * <p>Query sketches are not thread-safe.
 */
public interface QuerySketch {

  /** The family that made this sketch and can read its bytes. */
  SketchFamily family();

  /**
   * Whether rows are only right if no token comes after the first of them. {@link #add} then needs
   * the token sketch with every token of the sequence folded.
   */
  boolean closesTokens();

  /** Queries added. */
  long rows();

  /** One past the largest row added; 0 if there is none. */
  long nextRow();

  /**
   * Adds queries, one row each.
   *
   * @param row row of the first query; the others follow
   * @param queries vectors of the sequence's key dimension
   * @param outputs the answers to them, count x dv; read only where queries do not close tokens, so
   *     that they may come from anything, an exact sequence too
   * @param tokens the sequence's token sketch; read only where queries close tokens, may be null
   *     otherwise
   * @throws IncompatibleSketchException if one of the rows was added before, or the token sketch is
   *     of another kind
   * @throws IllegalArgumentException if the dimensions or the number of outputs differ
   */
  void add(long row, QueryBlock queries, float[][] outputs, AttentionSketch tokens);

  /** The largest k that {@link #recover} takes. */
  int largestK();

  /**
   * Recovers the large entries of every column; this sketch is left as it is.
   *
   * @param tokens the token sketch; read only where queries close tokens, may be null otherwise
   * @param k sparsity; a column gets at most 2 k entries
   * @throws IllegalArgumentException if k is less than 1
   * @throws RecoveryRefusedException if k is larger than {@link #largestK()}, or if the search
   *     through all rows would take much longer than a second
   * @throws IncompatibleSketchException if the token sketch is of another kind
   */
  Recovery recover(AttentionSketch tokens, int k);

  /**
   * Adds all queries of another sketch; the other one is left as it is.
   *
   * @throws IncompatibleSketchException if the two share rows, whose entries would be added to each
   *     other, or differ in form, sizes or seed
   */
  void merge(QuerySketch other);

  /** Exact length of {@link #toByteArray()}. */
  int stateBytes();

  /**
   * The whole state, little-endian, behind a {@link dev.onepass.sketch.wire.Preamble} whose family
   * carries the {@link dev.onepass.sketch.wire.Preamble#QUERY_SIDE} bit and whose token count is
   * the number of rows. {@link SketchFamilies#heapifyQueries} reads it.
   */
  byte[] toByteArray();
}
