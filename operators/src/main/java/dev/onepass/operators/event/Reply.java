// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

import dev.onepass.sketch.api.Recovery;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.SequenceCounts;

/** A reply to a query, for the outputs topic. */
public sealed interface Reply {

  /** Returns the key of the sequence that answers. */
  SequenceKey key();

  /** Returns the query record, whose headers are copied to the reply. */
  RawRecord origin();

  /** Returns the id of the query. */
  String queryId();

  /**
   * Attention outputs, one row per query vector; no rows if the sequence has no tokens.
   *
   * @param outputs one row of the length of values per query vector; finite
   * @param error stated error of each row: a bound that holds for 90 % of answers, 0 if exact, NaN
   *     if the family states none or keys are projected
   * @param logNormalizer ln sum_j exp(s q.k_j) of each row; an estimate unless exact
   * @param logNormalizerError bound on the error of the log normalizer that holds for 90 % of
   *     answers, 0 if exact, NaN if none can be stated
   * @param beyondBound share of logits of each row beyond the bound of a polynomial, 0 to 1; null
   *     if the family has no such bound
   * @param firstRow row number of the first output in a recovery, -1 if the sequence does not
   *     remember queries
   * @param tokens number of tokens in the answer: accepted tokens minus retracted ones
   * @param position position of the newest token, or -1 for none
   * @param sketch name of the family that answers
   * @param anchorsVersion version of the anchor set, 0 for none
   * @param exact whether the sequence is in exact mode
   * @param timedOut whether the answer has fewer tokens than the query's {@code as_of}
   * @param queueFull whether the query could not wait because there was no room
   * @param incomplete whether tokens may have been lost before the sequence received them
   */
  record Answer(
      SequenceKey key,
      RawRecord origin,
      String queryId,
      float[][] outputs,
      float[] error,
      double[] logNormalizer,
      float[] logNormalizerError,
      float[] beyondBound,
      long firstRow,
      long tokens,
      long position,
      String sketch,
      int anchorsVersion,
      boolean exact,
      boolean timedOut,
      boolean queueFull,
      boolean incomplete)
      implements Reply {

    /**
     * Creates the answer of a sequence, or of all its shards.
     *
     * @param answers outputs and stated errors
     * @param counts counts of the sequence
     * @param waited how the query's wait for its {@code as_of} ended
     */
    public static Answer of(
        SequenceKey key,
        RawRecord origin,
        String queryId,
        Answers answers,
        SequenceCounts counts,
        Waited waited) {
      return new Answer(
          key,
          origin,
          queryId,
          answers.outputs(),
          answers.error(),
          answers.logNormalizer(),
          answers.logNormalizerError(),
          answers.beyondBound(),
          answers.firstRow(),
          counts.tokens(),
          counts.position(),
          counts.family(),
          counts.anchorsVersion(),
          counts.exact(),
          waited != Waited.ENOUGH,
          waited == Waited.NO_ROOM,
          counts.incomplete());
    }
  }

  /**
   * The large entries in every column of the sequence's answers.
   *
   * @param recovery rows and columns; empty if the sequence remembers no query
   */
  record Recovered(SequenceKey key, RawRecord origin, String queryId, Recovery recovery)
      implements Reply {}

  /**
   * The counts of a sequence.
   *
   * @param tokens accepted tokens minus retracted ones
   * @param stateBytes bytes of header, pending block and sketch
   * @param sketch name of the family
   * @param exact whether the sequence is in exact mode
   * @param anchorsVersion version of the anchor set, 0 for none
   * @param duplicates number of tokens dropped as duplicates
   * @param incomplete whether tokens may have been lost before the sequence received them
   */
  record Stats(
      SequenceKey key,
      RawRecord origin,
      String queryId,
      long tokens,
      long stateBytes,
      String sketch,
      boolean exact,
      int anchorsVersion,
      long duplicates,
      boolean incomplete)
      implements Reply {

    /** Creates the reply of a sequence, or of all its shards. */
    public static Stats of(
        SequenceKey key, RawRecord origin, String queryId, SequenceCounts counts) {
      return new Stats(
          key,
          origin,
          queryId,
          counts.tokens(),
          counts.stateBytes(),
          counts.family(),
          counts.exact(),
          counts.anchorsVersion(),
          counts.duplicates(),
          counts.incomplete());
    }
  }
}
