package dev.onepass.demo.traffic;

/** What came back on the topic of answers. */
public sealed interface Reply {
  /** The id of the query that was answered. */
  String queryId();

  /** Tokens of its sequence that had been accepted by then. */
  long tokens();

  /** Whether all tokens of its sequence were still kept as they came. */
  boolean exact();

  /** {@link System#nanoTime} when it arrived. */
  long nanos();

  /**
   * An answer with attention outputs.
   *
   * @param tokens the sequence's tokens that it covers
   * @param outputs query vectors x value dimensions
   * @param error for each query vector the stated bound on the relative error; NaN where none is
   *     stated
   * @param beyondBound for each query vector the estimated share of its logits beyond the bound of
   *     the sketch, 0 to 1; null where the sketch has no bound
   * @param anchorsVersion of the anchor set that was used, 0 for none
   * @param exact whether the job calls it exact
   * @param timedOut whether it came early because waiting took too long
   * @param nanos {@link System#nanoTime} when it arrived
   */
  record Answer(
      String queryId,
      long tokens,
      double[][] outputs,
      double[] error,
      double[] beyondBound,
      int anchorsVersion,
      boolean exact,
      boolean timedOut,
      long nanos)
      implements Reply {}

  /**
   * What the job keeps of a sequence.
   *
   * @param tokens accepted so far
   * @param stateBytes held for the sequence
   * @param exact whether all tokens are still kept as they came
   * @param nanos {@link System#nanoTime} when it arrived
   */
  record Stats(
      String queryId, String sequence, long tokens, long stateBytes, boolean exact, long nanos)
      implements Reply {}
}
