package dev.onepass.operators.event;

/** A decoded, valid record of the tokens or the queries topic, on its way to its sequence. */
public sealed interface Event {

  /** The sequence it is for. */
  SequenceKey key();

  /** The record it came from. */
  RawRecord origin();

  /**
   * A token, or the retraction of one.
   *
   * @param position at least 0, or -1 for none
   * @param vectorKey d numbers, finite
   * @param value dv numbers, finite
   * @param retract whether the token is taken back
   */
  record Token(
      SequenceKey key,
      RawRecord origin,
      long position,
      float[] vectorKey,
      float[] value,
      boolean retract)
      implements Event {}

  /** Everything the sequence holds is to be dropped. */
  record Forget(SequenceKey key, RawRecord origin) implements Event {}

  /**
   * Query vectors to be answered.
   *
   * @param queryId opaque
   * @param vectors count x d, row-major, finite
   * @param count number of vectors, at least 1
   * @param asOf answer when the sequence has accepted this many tokens; 0 at once
   */
  record Query(
      SequenceKey key, RawRecord origin, String queryId, float[] vectors, int count, long asOf)
      implements Event {}

  /**
   * The large entries of every column of the sequence's answers are wanted.
   *
   * @param queryId opaque
   * @param k sparsity, or 0 for what the sketch was made for
   */
  record RecoverQuery(SequenceKey key, RawRecord origin, String queryId, int k) implements Event {}

  /**
   * The sequence's numbers are wanted.
   *
   * @param queryId opaque
   */
  record StatsQuery(SequenceKey key, RawRecord origin, String queryId) implements Event {}
}
