// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sharding;

import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.Part;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.SideOutputs;
import java.nio.charset.StandardCharsets;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.util.OutputTag;

/**
 * Computes the keys of a sequence's shards, the shard of a position, and the parts that shards send
 * in answer to a query.
 *
 * <p>Shard 0 has the key of the whole sequence, so a sequence that becomes sharded keeps its
 * tokens. The key of shard i carries a salt that selects its key group: the binary digits of i,
 * reversed and read as a fraction, give the distance from shard 0 on the circle of key groups. So
 * the shards of every power of two are evenly spaced, a subtask has at most ceil(shards /
 * parallelism) of them, and the key of a shard does not depend on the number of shards.
 *
 * <p>Not thread-safe, because it caches the salts of recent sequences.
 */
public final class Shards {

  /** Number of key groups of the job: its maximum parallelism, which must not change. */
  public static final int KEY_GROUPS = 1024;

  /** Heap for the salts of some 10 000 sequences. */
  private static final long SALTS_BYTES = 8L << 20;

  /** Salted numbers of the shards of recent sequences; 0 if not computed yet. */
  private final RecentSequences<int[]> salted =
      new RecentSequences<>(SALTS_BYTES, ShardOptions.MAX_COUNT * Integer.BYTES);

  /**
   * Returns the key of a shard.
   *
   * @param sequence key of the whole sequence
   * @param number number of the shard, from 0 to below {@link ShardOptions#MAX_COUNT}
   */
  public SequenceKey key(SequenceKey sequence, int number) {
    if (number == 0) {
      return sequence;
    }
    int[] known = salted.get(sequence);
    if (known == null) {
      known = new int[ShardOptions.MAX_COUNT];
      salted.put(sequence, known);
    }
    if (known[number] == 0) {
      known[number] = salted(sequence, number);
    }
    return sequence.withShard(known[number]);
  }

  /** Returns the number of the shard that has this key. */
  public static int number(SequenceKey shard) {
    return shard.shard() & ShardOptions.MAX_COUNT - 1;
  }

  /** Returns the key of the whole sequence of a shard. */
  public static SequenceKey whole(SequenceKey shard) {
    return shard.withShard(0);
  }

  /** Returns the shard of a position. Blocks of the cut size go to the shards in turn. */
  public static int of(long position, int cutSize, int shards) {
    return (int) (position / cutSize % shards);
  }

  /**
   * Returns how many positions from {@code begin} to below {@code end} belong to a shard.
   *
   * @param number number of the shard; a shard from an earlier, higher number of shards has none
   * @param begin first position; negative after the highest position, where the long overflows
   */
  public static long positions(int number, long begin, long end, int cutSize, int shards) {
    return number < shards && begin >= 0
        ? below(number, end, cutSize, shards) - below(number, begin, cutSize, shards)
        : 0;
  }

  private static long below(int number, long end, int cutSize, int shards) {
    long round = (long) cutSize * shards;
    long begun = end % round - (long) number * cutSize;
    return end / round * cutSize + Math.max(0, Math.min(cutSize, begun));
  }

  /** Returns the spread of a query that goes to all shards, or null for all other events. */
  public static Event.Spread spread(Event event) {
    if (event instanceof Event.Query query) {
      return query.spread();
    }
    return event instanceof Event.StatsQuery query ? query.spread() : null;
  }

  /**
   * Creates the part of the shard that a query's key names.
   *
   * @param query query or stats query that goes to all shards
   * @param accepted number of tokens that the shard has accepted
   * @param last whether this is the shard's last part
   * @param kind kind of the content
   * @param content content, as {@link Part#content} describes it
   */
  public static Part part(
      Event query, long accepted, boolean last, Part.Kind kind, byte[] content) {
    String queryId =
        query instanceof Event.Query asked ? asked.queryId() : ((Event.StatsQuery) query).queryId();
    return new Part(
        whole(query.key()),
        query.origin(),
        queryId,
        spread(query),
        number(query.key()),
        accepted,
        last,
        kind,
        content);
  }

  /** Emits to a side output. */
  @FunctionalInterface
  public interface SideOutput {

    /** Emits an element. */
    <T> void emit(OutputTag<T> tag, T element);
  }

  /**
   * Refuses an event: emits a dead letter or, if the event is a query that goes to all shards, the
   * part of a shard that refuses it. The merge makes one dead letter of the refusals of all shards.
   *
   * @param accepted number of tokens that the sequence or the shard has accepted
   * @param reason reason of the dead letter
   * @param output receives the dead letter or the part
   * @return whether a dead letter was emitted
   */
  public static boolean refuse(Event event, long accepted, String reason, SideOutput output) {
    boolean alone = spread(event) == null;
    if (alone) {
      output.emit(SideOutputs.DEAD_LETTERS, new DeadLetter(event.origin(), reason));
    } else {
      output.emit(SideOutputs.PARTS, refusal(event, accepted, reason));
    }
    return alone;
  }

  /**
   * Creates the part of a shard that refuses a query.
   *
   * @param query query or stats query that goes to all shards
   * @param accepted number of tokens that the shard has accepted
   * @param reason reason of the dead letter
   */
  private static Part refusal(Event query, long accepted, String reason) {
    byte[] content = reason.getBytes(StandardCharsets.UTF_8);
    return part(query, accepted, true, Part.Kind.REFUSAL, content);
  }

  private static int salted(SequenceKey sequence, int number) {
    int fraction =
        Integer.reverse(number) >>> (Integer.SIZE - Integer.numberOfTrailingZeros(KEY_GROUPS));
    int group = (group(sequence) + fraction) % KEY_GROUPS;
    for (int salt = number; ; salt += ShardOptions.MAX_COUNT) {
      if (group(sequence.withShard(salt)) == group) {
        return salt;
      }
    }
  }

  private static int group(SequenceKey key) {
    return KeyGroupRangeAssignment.assignToKeyGroup(key, KEY_GROUPS);
  }
}
