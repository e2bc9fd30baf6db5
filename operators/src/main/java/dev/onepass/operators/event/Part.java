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

  /** The kind of a part. Bytes hold the ordinal, so the order must not change. */
  public enum Kind {
    /** The softmax sums of the shard's tokens. */
    ANSWER,
    /** The counts of the shard. */
    STATS,
    /** The reason why the shard refuses the query. */
    REFUSAL,
    /** The softmax sums of the shard's tokens, for a query that had no room to wait. */
    ANSWER_WITHOUT_ROOM
  }

  /** Returns the name of the query record, by which the parts of one answer are keyed. */
  public String query() {
    return origin.topic() + '/' + origin.partition() + '/' + origin.offset();
  }
}
