package dev.onepass.operators.holes;

import dev.onepass.operators.event.Hole;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.TokenOrigin;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.array.LongPrimitiveArraySerializer;

/**
 * The holes in the partitions of the tokens topic, held in broadcast state, and the rules by which
 * a sequence may lack tokens because of them.
 *
 * <p>For each partition the state holds how often the topic was created again, and the highest end
 * of a hole since then. The result does not depend on the order in which partitions report holes,
 * so all subtasks hold the same.
 *
 * <p>A sequence may lack tokens if a hole of its partition ends after the sequence began, or if the
 * topic was created again after the sequence began. Answers say so from the moment when the subtask
 * receives the hole, which may be some tenths of a second before or after the first token behind
 * the hole. A sequence that begins in that time, after the topic was created again, may be marked
 * although it lacks nothing.
 */
public final class Holes {

  /** Describes the broadcast state: the fields of {@link Last} by partition. */
  public static MapStateDescriptor<Integer, long[]> state() {
    return new MapStateDescriptor<>(
        "holes", IntSerializer.INSTANCE, LongPrimitiveArraySerializer.INSTANCE);
  }

  /**
   * The hole of a partition with the highest end.
   *
   * @param generation how often the topic was created again
   * @param end offset of the first record after the hole
   */
  private record Last(int generation, long end) {

    static final Last NONE = new Last(0, 0);

    Last and(Hole hole) {
      return hole.anew()
          ? new Last(Math.min(generation + 1, TokenOrigin.LAST_GENERATION), hole.end())
          : new Last(generation, Math.max(end, hole.end()));
    }
  }

  private final BroadcastState<Integer, long[]> state;
  private final Map<Integer, Last> byPartition = new HashMap<>();

  /** Restores the holes from the state. */
  public Holes(BroadcastState<Integer, long[]> state) throws Exception {
    this.state = state;
    for (Map.Entry<Integer, long[]> entry : state.immutableEntries()) {
      long[] last = entry.getValue();
      byPartition.put(entry.getKey(), new Last((int) last[0], last[1]));
    }
  }

  /** Adds a hole. */
  public void take(Hole hole) throws Exception {
    Last last = byPartition.getOrDefault(hole.partition(), Last.NONE).and(hole);
    byPartition.put(hole.partition(), last);
    state.put(hole.partition(), new long[] {last.generation(), last.end()});
  }

  /** Returns whether a sequence may lack tokens because of a hole. */
  public boolean touch(Header header) {
    if (header.isIncomplete()) {
      return true;
    }
    TokenOrigin origin = header.origin();
    Last last = byPartition.get(origin.partition());
    return last != null && (origin.generation() < last.generation() || origin.since() < last.end());
  }

  /** Returns whether a record is from another partition than the tokens of its sequence. */
  public static boolean isElsewhere(Header header, RawRecord record) {
    return header.accepted() > 0
        && header.origin().isKnown()
        && header.origin().partition() != record.partition();
  }

  /**
   * Writes the origin of an accepted token into the header of its sequence.
   *
   * @param header header of the sequence, which has counted the token already
   * @param token record of the token
   * @param begins whether the token is the first, and no token before it can be missing
   */
  public void follow(Header header, RawRecord token, boolean begins) {
    TokenOrigin origin = header.origin();
    if (begins) {
      header.origin(from(token, token.offset()));
    } else if (origin.partition() != token.partition()) {
      if (touch(header)) {
        header.markIncomplete();
      }
      header.origin(moved(header, token));
    }
  }

  private TokenOrigin moved(Header header, RawRecord token) {
    if (header.accepted() == 1) {
      return from(token, TokenOrigin.UNKNOWN.since());
    }
    return header.origin().isKnown()
        ? from(token, token.offset())
        // Its tokens are from a build that did not record holes, so it is older than all holes.
        : new TokenOrigin(token.partition(), 0, TokenOrigin.UNKNOWN.since());
  }

  /**
   * Writes the origin of a forget record into the header of its sequence, so that earlier holes do
   * not count. Writes nothing if the partition has no hole, so that no state of the sequence
   * remains.
   *
   * @param header header of the sequence, without tokens
   * @param forget the record
   */
  public void forgotten(Header header, RawRecord forget) {
    if (byPartition.containsKey(forget.partition())) {
      header.origin(from(forget, forget.offset()));
    }
  }

  private TokenOrigin from(RawRecord record, long since) {
    int generation = byPartition.getOrDefault(record.partition(), Last.NONE).generation();
    return new TokenOrigin(record.partition(), generation, since);
  }
}
