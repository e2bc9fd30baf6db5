package dev.onepass.operators.event;

import dev.onepass.sketch.api.Recovery;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.SequenceCounts;

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
   * @param logNormalizer ln sum_j exp(s q.k_j); an estimate unless exact
   * @param logNormalizerError bound for 90 % of answers on how far that is off, 0 when exact, NaN
   *     where none can be stated
   * @param beyondBound share of logits beyond a polynomial's bound, or null where there is no such
   *     bound
   * @param firstRow row of the first output in what recovery gives back, -1 where none is
   *     remembered
   * @param tokens tokens the answer is over
   * @param position position of the newest token, or -1
   * @param sketch name of the family that answers
   * @param anchorsVersion version of the anchor set, 0 for none
   * @param exact whether all tokens are kept
   * @param timedOut whether it has fewer tokens than its as_of
   * @param queueFull whether that is because it had no room to wait in
   * @param incomplete whether tokens may have been lost before the sequence saw them
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
     * The answer of a sequence, or of the parts that one is kept in.
     *
     * @param answers what it says
     * @param counts its numbers
     * @param waited how it waited for its as_of
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
   * @param incomplete whether tokens may have been lost before the sequence saw them
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

    /** The numbers of a sequence, or of the parts that one is kept in. */
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
