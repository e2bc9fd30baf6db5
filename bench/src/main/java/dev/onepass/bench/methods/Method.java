// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.methods;

import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.blocks.QueryBlock;

/** A method that answers attention over a stream in bounded state. */
public interface Method {

  /** Returns the name for tables and options. */
  String name();

  /**
   * Returns the method with what all sequences of a head share, learned from the past. This may
   * take seconds.
   *
   * @throws IllegalArgumentException if nothing can be learned from this past; the message says why
   */
  default Method learn(Past past) {
    return this;
  }

  /** Returns the bytes that all sequences of a head share. */
  default long sharedBytes() {
    return 0;
  }

  /**
   * Creates the state of an empty stream.
   *
   * @param head gives dimensions and scale; its rows are not used
   * @param bytes maximum state size
   * @param seed seed of the method's random choices
   * @throws IllegalArgumentException if the bytes are too few, or if the method has not learned
   *     what it needs; the message says so
   */
  State begin(Head head, int bytes, long seed);

  /** The state of a method for one stream. */
  interface State {

    /**
     * Takes the next token.
     *
     * @throws IllegalArgumentException if the state is full; the message says so
     */
    void accept(float[] key, float[] value);

    /** Returns answers over all tokens so far. */
    Answered answer(QueryBlock queries);

    /** Returns the length of the serialized state. */
    long stateBytes();

    /** Returns whether the state still has every token, so that answers are exact. */
    boolean isExact();
  }

  /**
   * Answers, one row for each query.
   *
   * @param outputs queries x valueDim
   * @param errors stated error of each answer, relative, which holds for 90 % of the answers; NaN
   *     if none is stated
   * @param logNormalizers ln sum_j exp(s q.k_j); null for a method without them
   * @param logNormalizerErrors stated errors of the log-normalizers; null for a method without them
   */
  record Answered(
      float[][] outputs, float[] errors, double[] logNormalizers, float[] logNormalizerErrors) {

    /** Creates answers without log-normalizers. */
    public Answered(float[][] outputs, float[] errors) {
      this(outputs, errors, null, null);
    }
  }
}
