package dev.onepass.operators.event;

import dev.onepass.sketch.Recovery;

/** What the outputs topic gets. */
public sealed interface Reply {

  /** The sequence that answers. */
  SequenceKey key();

  /** The query record; its headers are copied to the reply. */
  RawRecord origin();

  /** The query's own id. */
  String queryId();

  /**
   * Attention outputs; one row a query vector, none where the sequence has no tokens.
   *
   * @param outputs rows of dv numbers, finite
   * @param error bound for 90 % of answers, 0 when exact, NaN where the family is not calibrated
   * @param logNormalizer ln sum_j exp(s q.k_j)
   * @param beyondBound share of logits beyond a polynomial's bound, or null where there is no such
   *     bound
   * @param firstRow row of the first output in what recovery gives back, -1 where none is
   *     remembered
   * @param tokens tokens the answer is over
   * @param position position of the newest token, or -1
   * @param sketch name of the family that answers
   * @param anchorsVersion version of the anchor set, 0 for none
   * @param exact whether all tokens are kept
   * @param timedOut whether it waited in vain for its as_of
   */
  record Answer(
      SequenceKey key,
      RawRecord origin,
      String queryId,
      float[][] outputs,
      float[] error,
      double[] logNormalizer,
      float[] beyondBound,
      long firstRow,
      long tokens,
      long position,
      String sketch,
      int anchorsVersion,
      boolean exact,
      boolean timedOut)
      implements Reply {}

  /**
   * The large entries of every column of the sequence's answers.
   *
   * @param recovery rows and columns, none where no query was remembered
   */
  record Recovered(SequenceKey key, RawRecord origin, String queryId, Recovery recovery)
      implements Reply {}

  /**
   * A sequence's numbers.
   *
   * @param tokens tokens accepted, less retracted ones
   * @param stateBytes bytes of header, pending block and sketch
   * @param sketch name of the family
   * @param exact whether all tokens are kept
   * @param anchorsVersion version of the anchor set, 0 for none
   * @param duplicates tokens dropped as duplicates
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
      long duplicates)
      implements Reply {}
}
