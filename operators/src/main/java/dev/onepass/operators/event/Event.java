// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

import dev.onepass.sketch.sequence.Sequence;

/**
 * A decoded and valid record of the tokens topic or the queries topic, on its way to its sequence.
 */
public sealed interface Event {

  /** Returns the key of the sequence, or of the shard, that the event is for. */
  SequenceKey key();

  /** Returns the record that the event was decoded from. */
  RawRecord origin();

  /** Returns whether the event asks for a reply. */
  default boolean isAsked() {
    return this instanceof Query || this instanceof RecoverQuery || this instanceof StatsQuery;
  }

  /**
   * A token, or the retraction of a token.
   *
   * @param position position, at least 0, or -1 for none
   * @param vectorKey key of the token; finite
   * @param value value of the token; finite
   * @param retract whether the token is retracted
   * @param bias number that is added to the token's logits
   * @param timestamp timestamp of the retracted token in epoch milliseconds, or {@link
   *     Sequence#NO_TIME} if it is not known; the timestamp of a token is that of its record
   */
  record Token(
      SequenceKey key,
      RawRecord origin,
      long position,
      float[] vectorKey,
      float[] value,
      boolean retract,
      float bias,
      long timestamp)
      implements Event {

    /** Creates a token of bias 0, or its retraction without a timestamp. */
    public Token(
        SequenceKey key,
        RawRecord origin,
        long position,
        float[] vectorKey,
        float[] value,
        boolean retract) {
      this(key, origin, position, vectorKey, value, retract, 0, Sequence.NO_TIME);
    }

    /** Returns the same token for a shard of its sequence. */
    public Token withKey(SequenceKey shard) {
      return new Token(shard, origin, position, vectorKey, value, retract, bias, timestamp);
    }

    /** Returns whether the token has neither a bias nor the timestamp of a retracted token. */
    boolean isPlain() {
      return bias == 0 && timestamp == Sequence.NO_TIME;
    }
  }

  /** A command to drop all tokens of the sequence. */
  record Forget(SequenceKey key, RawRecord origin) implements Event {}

  /**
   * A sign that the sequence is alive: a token went to another shard. Shards that receive it do not
   * expire.
   *
   * @param origin the record of that token
   */
  record Alive(SequenceKey key, RawRecord origin) implements Event {}

  /**
   * A note that a query goes to all shards of its sequence, whose parts make one answer.
   *
   * @param shards number of shards, at least 2
   * @param asOf how many tokens the shards must have accepted together; 0 to answer at once
   */
  record Spread(int shards, long asOf) {}

  /**
   * A query for attention outputs.
   *
   * @param queryId id of the query, opaque
   * @param vectors query vectors, row-major, count x key dimension; finite
   * @param count number of query vectors, at least 1
   * @param asOf how many tokens the sequence must have accepted; 0 to answer at once
   * @param spread the note for all shards of a sequence; null if the sequence has only one
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

    /** Creates a query of a sequence with one shard. */
    public Query(
        SequenceKey key, RawRecord origin, String queryId, float[] vectors, int count, long asOf) {
      this(key, origin, queryId, vectors, count, asOf, null);
    }
  }

  /**
   * A query for the large entries in every column of the sequence's answers.
   *
   * @param queryId id of the query, opaque
   * @param k number of entries per column, or 0 for the number that the sketch is built for
   */
  record RecoverQuery(SequenceKey key, RawRecord origin, String queryId, int k) implements Event {}

  /**
   * A query for the counts of the sequence.
   *
   * @param queryId id of the query, opaque
   * @param spread the note for all shards of a sequence; null if the sequence has only one
   */
  record StatsQuery(SequenceKey key, RawRecord origin, String queryId, Spread spread)
      implements Event {

    /** Creates a query of a sequence with one shard. */
    public StatsQuery(SequenceKey key, RawRecord origin, String queryId) {
      this(key, origin, queryId, null);
    }
  }
}
