// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

import java.nio.charset.StandardCharsets;

/**
 * The key of the keyed state: a sequence, or a shard of a sequence.
 *
 * <p>Producers choose the ids, and hash tables must stay fast whatever they choose. Keys are
 * therefore hashed by {@link SipHash}, for which colliding ids are found only by trial. They also
 * have an order, so that hash maps store colliding keys in trees.
 */
public final class SequenceKey implements Comparable<SequenceKey> {

  /** The key of the hash: the first hexadecimal digits of the fraction of pi. */
  private static final long K0 = 0x243f6a8885a308d3L;

  private static final long K1 = 0x13198a2e03707344L;

  /** 2^64 divided by the golden ratio: multiplication spreads neighbours over the high bits. */
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final String head;
  private final String sequence;
  private final int shard;

  /**
   * Hash of head and sequence, stored because the search for a salt needs it thousands of times.
   */
  private final long sequenceHash;

  /**
   * Creates the key of a sequence or of a shard.
   *
   * @param head name of the head
   * @param sequence id of the sequence
   * @param shard 0 for a whole sequence or its first shard; other shards have salted numbers, which
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

  /** Hashes the id under a key made from the head's hash, so that pairs cannot run together. */
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

  /** Returns 0 for a whole sequence or its first shard, or the salted number of another shard. */
  public int shard() {
    return shard;
  }

  /**
   * Returns the key of another shard of the same sequence.
   *
   * @param other 0, or the salted number of the shard
   */
  public SequenceKey withShard(int other) {
    return other == shard ? this : new SequenceKey(head, sequence, other, sequenceHash);
  }

  /**
   * Returns the hash that determines the key group. Savepoints rely on it, so it must not change.
   */
  @Override
  public int hashCode() {
    return (int) (((sequenceHash + shard) * GOLDEN) >>> Integer.SIZE);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SequenceKey key
        && key.sequenceHash == sequenceHash
        && key.shard == shard
        && key.sequence.equals(sequence)
        && key.head.equals(head);
  }

  /** Compares by sequence, head and shard, consistently with equals. */
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
