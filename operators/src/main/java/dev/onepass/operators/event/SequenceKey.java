package dev.onepass.operators.event;

import java.nio.charset.StandardCharsets;

/**
 * What state is keyed by: a sequence, or one shard of it.
 *
 * <p>Producers choose the ids, and tables over keys must not become slow by their choice. So keys
 * are hashed by {@link SipHash}, for which ids of one hash are found by trying only, and they have
 * an order, by which maps keep keys of one hash in a tree.
 */
public final class SequenceKey implements Comparable<SequenceKey> {

  /** The hash's key: the first hexadecimal digits of pi behind the point. */
  private static final long K0 = 0x243f6a8885a308d3L;

  private static final long K1 = 0x13198a2e03707344L;

  /** 2^64 over the golden ratio: products with it spread neighbours over all high bits. */
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final String head;
  private final String sequence;
  private final int shard;

  /** Of head and sequence, the same in all shards: salts are looked for among thousands. */
  private final long sequenceHash;

  /**
   * Makes the key of a sequence or of a shard.
   *
   * @param head name of the head
   * @param sequence id of the sequence
   * @param shard part of the sequence, 0 for the first or only one; the others have numbers that
   *     {@code Shards} chooses
   */
  public SequenceKey(String head, String sequence, int shard) {
    this(head, sequence, shard, hash(head, sequence));
  }

  private SequenceKey(String head, String sequence, int shard, long sequenceHash) {
    this.head = head;
    this.sequence = sequence;
    this.shard = shard;
    this.sequenceHash = sequenceHash;
  }

  /** Hashes the head's hash before the id, so that no two pairs run into the same bytes. */
  private static long hash(String head, String sequence) {
    long ofHead = SipHash.hash(K0, K1, head.getBytes(StandardCharsets.UTF_8));
    return SipHash.hash(K0 ^ ofHead, K1, sequence.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns the name of the head. */
  public String head() {
    return head;
  }

  /** Returns the id of the sequence. */
  public String sequence() {
    return sequence;
  }

  /** Returns the part of the sequence, 0 for the first or only one. */
  public int shard() {
    return shard;
  }

  /** Returns the key of another shard of the same sequence. */
  public SequenceKey withShard(int other) {
    return other == shard ? this : new SequenceKey(head, sequence, other, sequenceHash);
  }

  /** Returns what key groups are made of, and with them savepoints: it stays as it is for ever. */
  @Override
  public int hashCode() {
    return (int) ((sequenceHash + shard) * GOLDEN >>> Integer.SIZE);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SequenceKey key
        && key.sequenceHash == sequenceHash
        && key.shard == shard
        && key.sequence.equals(sequence)
        && key.head.equals(head);
  }

  /** Orders by sequence, head and shard, consistently with equals. */
  @Override
  public int compareTo(SequenceKey other) {
    int bySequence = sequence.compareTo(other.sequence);
    if (bySequence != 0) {
      return bySequence;
    }
    int byHead = head.compareTo(other.head);
    return byHead != 0 ? byHead : Integer.compare(shard, other.shard);
  }

  @Override
  public String toString() {
    return "%s of head %s, shard %d".formatted(sequence, head, shard);
  }
}
