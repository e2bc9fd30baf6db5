package dev.onepass.operators.event;

/**
 * What one shard has to say to a query that is put to all shards of its sequence.
 *
 * @param key the sequence, shard 0
 * @param origin the query record, which tells the parts of one answer
 * @param queryId the query's own id
 * @param spread how many shards there are, and what they wait for
 * @param shard number of the shard, from 0
 * @param accepted tokens that the shard has accepted
 * @param last whether the shard has no more to say; if not, a last part takes this one's place
 * @param kind what is said
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

  /** What is said; the order is part of the format. */
  public enum Kind {
    /** Softmax sums of the shard's tokens. */
    ANSWER,
    /** The shard's numbers. */
    STATS,
    /** Why the shard cannot answer. */
    REFUSAL,
    /** Softmax sums of the shard's tokens, for a query that had no room to wait for more. */
    ANSWER_WITHOUT_ROOM
  }

  /** Names the query record, so that parts of one answer meet. */
  public String query() {
    return origin.topic() + '/' + origin.partition() + '/' + origin.offset();
  }
}
