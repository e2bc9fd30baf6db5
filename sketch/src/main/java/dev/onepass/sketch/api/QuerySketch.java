// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.api;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.registry.SketchFamilies;

/**
 * A summary of all queries of a sequence. It can recover the large entries of every column of the
 * output matrix Y, which has one row per query and one column per output coordinate.
 *
 * <p>It is stored apart from the {@link AttentionSketch} of the tokens: a query writes only the
 * query sketch, a token only the attention sketch. Both together stay within {@link
 * SketchConfig#maxBytes()}.
 *
 * <p>Query sketches are not thread-safe.
 */
public interface QuerySketch {

  /** Returns the family that made this sketch and can read its bytes. */
  SketchFamily family();

  /**
   * Returns whether rows are right only if no token follows the first of them. {@link #add} then
   * needs a token sketch with every token of the sequence folded.
   */
  boolean closesTokens();

  /** Returns the number of queries added. */
  long rows();

  /** Returns one past the largest row added; 0 if there is none. */
  long nextRow();

  /**
   * Returns whether a token sketch is of the kind that this sketch reads; true for all if queries
   * do not close tokens.
   *
   * @param tokens the token sketch of the sequence
   */
  boolean fits(AttentionSketch tokens);

  /**
   * Adds queries, one row each.
   *
   * @param row row of the first query; the others follow
   * @param queries vectors of the sequence's key dimension
   * @param outputs the answers to them, count x dv; read only if queries do not close tokens. They
   *     may come from any source, for example from an exact sequence
   * @param tokens the token sketch of the sequence; read only if queries close tokens, otherwise it
   *     may be null
   * @throws IncompatibleSketchException if one of the rows was added before, or if the token sketch
   *     does not {@link #fits fit}
   * @throws IllegalArgumentException if the dimensions or the number of outputs differ
   */
  void add(long row, QueryBlock queries, float[][] outputs, AttentionSketch tokens);

  /** Returns the largest k that {@link #recover} accepts. */
  int largestK();

  /**
   * Recovers the large entries of every column; this sketch does not change.
   *
   * @param tokens the token sketch; read only if queries close tokens, otherwise it may be null
   * @param k sparsity; a column gets at most 2 k entries
   * @throws IllegalArgumentException if k is less than 1
   * @throws RecoveryRefusedException if k is larger than {@link #largestK()}, or if the search
   *     through all rows would take much longer than a second
   * @throws IncompatibleSketchException if the token sketch does not {@link #fits fit}
   */
  Recovery recover(AttentionSketch tokens, int k);

  /**
   * Adds all queries of another sketch, which does not change.
   *
   * @param other another query sketch of the same family
   * @throws IncompatibleSketchException if the two share rows, whose entries would be added to each
   *     other, or if form, sizes or seed differ
   */
  void merge(QuerySketch other);

  /** Returns the exact length of {@link #toByteArray()}. */
  int stateBytes();

  /**
   * Returns the whole state, little-endian, behind a {@link dev.onepass.sketch.wire.Preamble}. The
   * family in that preamble has the bit {@link dev.onepass.sketch.wire.Preamble#QUERY_SIDE}, and
   * the token count is the number of rows. {@link SketchFamilies#heapifyQueries} reads these bytes.
   */
  byte[] toByteArray();
}
