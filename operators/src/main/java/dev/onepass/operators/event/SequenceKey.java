package dev.onepass.operators.event;

/**
 * What state is keyed by.
 *
 * @param head name of the head
 * @param sequence id of the sequence
 * @param shard part of the sequence, 0 for the first or only one; the others have numbers that
 *     {@code Shards} chooses
 */
public record SequenceKey(String head, String sequence, int shard) {

  /** Written out, because key groups and with them savepoints depend on it for ever. */
  @Override
  public int hashCode() {
    return 31 * (31 * head.hashCode() + sequence.hashCode()) + shard;
  }
}
