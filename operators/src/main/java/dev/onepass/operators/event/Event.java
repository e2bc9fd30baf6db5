package dev.onepass.operators.event;

/** A decoded, valid record of the tokens or the queries topic, on its way to its sequence. */
public sealed interface Event {

  /** The sequence it is for. */
  SequenceKey key();

  /** The record it came from. */
  RawRecord origin();

  /** Returns whether something is asked, so that a reply is due. */
  default boolean isAsked() {
    return this instanceof Query || this instanceof RecoverQuery || this instanceof StatsQuery;
  }

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
   * A token of the sequence went to another of its shards: this one is not silent either.
   *
   * @param origin that token's record
   */
  record Alive(SequenceKey key, RawRecord origin) implements Event {}

  /**
   * That a query is put to every shard of its sequence, and the parts make one answer.
   *
   * @param shards shards that are asked, at least 2
   * @param asOf tokens that all of them together are to have accepted; 0 for at once
   */
  record Spread(int shards, long asOf) {}

  /**
   * Query vectors to be answered.
   *
   * @param queryId opaque
   * @param vectors count x d, row-major, finite
   * @param count number of vectors, at least 1
   * @param asOf answer when the sequence has accepted this many tokens; 0 at once
   * @param spread what shards have in common; null where the sequence has only one
   */
  record Query(
      SequenceKey key,
      RawRecord origin,
      String queryId,
      float[] vectors,
      int count,
      long asOf,
      Spread spread)
      implements Event {

    /** A query of a whole sequence. */
    public Query(
        SequenceKey key, RawRecord origin, String queryId, float[] vectors, int count, long asOf) {
      this(key, origin, queryId, vectors, count, asOf, null);
    }
  }

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
   * @param spread what shards have in common; null where the sequence has only one
   */
  record StatsQuery(SequenceKey key, RawRecord origin, String queryId, Spread spread)
      implements Event {

    /** Numbers of a whole sequence. */
    public StatsQuery(SequenceKey key, RawRecord origin, String queryId) {
      this(key, origin, queryId, null);
    }
  }
}
