// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

/**
 * A shard's share of the answer to a query that goes to all shards of its sequence.
 *
 * @param key key of the sequence, with shard 0
 * @param origin the query record, which the parts of one answer share
 * @param queryId id of the query
 * @param spread number of shards, and the tokens that they wait for
 * @param shard number of the shard, from 0
 * @param accepted number of tokens that the shard has accepted
 * @param last whether this is the shard's last part; otherwise a last part replaces it later
 * @param kind kind of the content
 * @param content a {@link dev.onepass.sketch.sequence.SequencePart}, or the reason of a refusal in
 *     UTF-8
 */
public record Part(
    SequenceKey key,
    RawRecord origin,
    String queryId,
    Event.Spread spread,
    int shard,
    long accepted,
    boolean last,
    Kind kind,
    byte[] content) {

  /** The kind of a part. Bytes hold the code, so codes must not change. */
  public enum Kind {
    /** The softmax sums of the shard's tokens. */
    ANSWER(0),
    /** The counts of the shard. */
    STATS(1),
    /** The reason why the shard refuses the query. */
    REFUSAL(2),
    /** The softmax sums of the shard's tokens, for a query that had no room to wait. */
    ANSWER_WITHOUT_ROOM(3);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /** Returns the kind with a code; null if the code is unknown. */
    static Kind of(int code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      return null;
    }

    /** Returns the code that stands for the kind in bytes. */
    int code() {
      return code;
    }
  }

  /** Returns the name of the query record, by which the parts of one answer are keyed. */
  public String query() {
    return origin.topic() + '/' + origin.partition() + '/' + origin.offset();
  }
}
