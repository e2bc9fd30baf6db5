package dev.onepass.operators.sharding;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.Part;
import dev.onepass.operators.event.SequenceKey;
import java.nio.charset.StandardCharsets;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * The keys of a sequence's shards, and what these say to queries that are put to all of them.
 *
 * <p>Shard 0 has the key of the whole sequence, so a sequence that becomes sharded keeps what it
 * has. The key of shard i carries a salt that puts it where the binary digits of i, read backwards
 * as a fraction, point to on the circle of key groups, counted from shard 0. So the shards of every
 * power of two are evenly spaced, a subtask has at most ceil(shards / parallelism) of them, and a
 * shard's key is the same for every number of shards.
 *
 * <p>Not thread-safe: it remembers the salts of the sequences it saw last.
 */
public final class Shards {

  /** Key groups of the job, for ever. */
  public static final int KEY_GROUPS = 1024;

  /** Bits of a key's shard that hold its number; the salt stands above them. */
  private static final int NUMBER_BITS = Integer.numberOfTrailingZeros(Sharding.MAX_COUNT);

  /** Heap for salts: those of some 10 000 sequences. */
  private static final long SALTS_BYTES = 8L << 20;

  /** Salted numbers of the shards of the sequences seen last, filled in as they are asked for. */
  private final RecentSequences<int[]> salted =
      new RecentSequences<>(SALTS_BYTES, Sharding.MAX_COUNT * Integer.BYTES);

  /** No sequence was seen yet. */
  public Shards() {}

  /**
   * The key of a shard.
   *
   * @param sequence the key of the whole sequence
   * @param number of the shard, from 0, less than {@link Sharding#MAX_COUNT}
   */
  public SequenceKey key(SequenceKey sequence, int number) {
    if (number == 0) {
      return sequence;
    }
    int[] known = salted.get(sequence);
    if (known == null) {
      known = new int[Sharding.MAX_COUNT];
      salted.put(sequence, known);
    }
    if (known[number] == 0) {
      known[number] = salted(sequence, number);
    }
    return sequence.withShard(known[number]);
  }

  /** The number of the shard that has this key. */
  public static int number(SequenceKey shard) {
    return shard.shard() & Sharding.MAX_COUNT - 1;
  }

  /** The key of the sequence that the shard belongs to. */
  public static SequenceKey whole(SequenceKey shard) {
    return shard.withShard(0);
  }

  /** The shard that a position belongs to: blocks of the cut size go round. */
  public static int of(long position, int cutSize, int shards) {
    return (int) (position / cutSize % shards);
  }

  /**
   * Positions from {@code begin} to before {@code end} that belong to a shard; none to one that is
   * too many.
   *
   * @param begin negative behind the last position that there is, one more than which is no long
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

  /** That an event is a query to all shards of its sequence; null if it is not. */
  public static Event.Spread spread(Event event) {
    if (event instanceof Event.Query query) {
      return query.spread();
    }
    return event instanceof Event.StatsQuery query ? query.spread() : null;
  }

  /**
   * What the shard of a query's key says to it.
   *
   * @param query of vectors or of numbers, put to all shards
   * @param accepted tokens that the shard has accepted
   * @param last whether the shard has no more to say
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

  /** That the shard of a query's key refuses it: said once, when the parts are merged. */
  public static Part refusal(Event query, long accepted, String reason) {
    byte[] content = reason.getBytes(StandardCharsets.UTF_8);
    return part(query, accepted, true, Part.Kind.REFUSAL, content);
  }

  private static int salted(SequenceKey sequence, int number) {
    int fraction =
        Integer.reverse(number) >>> Integer.SIZE - Integer.numberOfTrailingZeros(KEY_GROUPS);
    int group = (group(sequence) + fraction) % KEY_GROUPS;
    for (int salt = number; ; salt += Sharding.MAX_COUNT) {
      if (group(sequence.withShard(salt)) == group) {
        return salt;
      }
    }
  }

  private static int group(SequenceKey key) {
    return KeyGroupRangeAssignment.assignToKeyGroup(key, KEY_GROUPS);
  }
}
