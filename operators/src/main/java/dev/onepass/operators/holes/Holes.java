// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.holes;

import dev.onepass.operators.event.Hole;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.Sequence;
import dev.onepass.sketch.sequence.TokenOrigin;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.array.LongPrimitiveArraySerializer;

/**
 * The holes in the partitions of the tokens topic, and the rules by which a sequence may lack
 * tokens. The holes are in broadcast state; each sequence has its {@link TokenOrigin}.
 *
 * <p>For each partition the state holds how many times the topic was recreated, and the highest end
 * of a hole since then. Subtasks that receive the same holes hold the same, in whatever order the
 * partitions come.
 *
 * <p>A sequence may lack tokens if a hole of its partition ends after the sequence began, or if the
 * sequence began before the topic was recreated. Its answers say so once its subtask has received
 * the hole, which can be some tenths of a second before or after the first token behind the hole. A
 * sequence that begins in this interval, after the topic was recreated, may be marked although it
 * lacks nothing.
 */
public final class Holes {

  /**
   * Returns the name and format of the broadcast state: for each partition, the fields of {@link
   * Last}.
   */
  public static MapStateDescriptor<Integer, long[]> state() {
    return new MapStateDescriptor<>(
        "holes", IntSerializer.INSTANCE, LongPrimitiveArraySerializer.INSTANCE);
  }

  /**
   * The hole of a partition that reaches furthest.
   *
   * @param generation how many times the topic was recreated
   * @param end offset of the first record behind it
   */
  private record Last(int generation, long end) {

    static final Last NONE = new Last(0, 0);

    Last and(Hole hole) {
      return hole.topicRecreated()
          ? new Last(Math.min(generation + 1, TokenOrigin.LAST_GENERATION), hole.end())
          : new Last(generation, Math.max(end, hole.end()));
    }
  }

  private final BroadcastState<Integer, long[]> state;
  private final Map<Integer, Last> byPartition = new HashMap<>();

  /** Creates the view of the holes that a state holds. */
  public Holes(BroadcastState<Integer, long[]> state) throws Exception {
    this.state = state;
    for (Map.Entry<Integer, long[]> entry : state.immutableEntries()) {
      long[] last = entry.getValue();
      byPartition.put(entry.getKey(), new Last((int) last[0], last[1]));
    }
  }

  /** Takes note of a hole. */
  public void take(Hole hole) throws Exception {
    Last last = byPartition.getOrDefault(hole.partition(), Last.NONE).and(hole);
    byPartition.put(hole.partition(), last);
    state.put(hole.partition(), new long[] {last.generation(), last.end()});
  }

  /** Returns whether tokens of the sequence may have been lost. */
  public boolean mayLackTokens(Header header) {
    if (header.isIncomplete()) {
      return true;
    }
    TokenOrigin origin = header.origin();
    Last last = byPartition.get(origin.partition());
    return last != null && (origin.generation() < last.generation() || origin.since() < last.end());
  }

  /** Returns whether a record is from another partition than the sequence's tokens. */
  public static boolean isElsewhere(Header header, RawRecord record) {
    return header.accepted() > 0
        && header.origin().isKnown()
        && header.origin().partition() != record.partition();
  }

  /**
   * Notes where the token comes from that the sequence has just accepted.
   *
   * @param begins whether it is the first one, and no earlier one can be missing
   */
  public void noteOrigin(Sequence sequence, RawRecord token, boolean begins) {
    Header header = sequence.header();
    TokenOrigin origin = header.origin();
    if (begins) {
      sequence.comesFrom(from(token, token.offset()));
    } else if (origin.partition() != token.partition()) {
      if (mayLackTokens(header)) {
        sequence.markIncomplete();
      }
      sequence.comesFrom(moved(header, token));
    }
  }

  private TokenOrigin moved(Header header, RawRecord token) {
    if (header.accepted() == 1) {
      return from(token, TokenOrigin.UNKNOWN.since());
    }
    return header.origin().isKnown()
        ? from(token, token.offset())
        // Its tokens came before anything was noted of holes, so it is older than all of them.
        : new TokenOrigin(token.partition(), 0, TokenOrigin.UNKNOWN.since());
  }

  /**
   * Notes where a sequence was forgotten, so that earlier holes do not count. If the partition has
   * no holes, nothing is noted and nothing stays of the sequence.
   */
  public void forgotten(Sequence sequence, RawRecord forget) {
    if (byPartition.containsKey(forget.partition())) {
      sequence.comesFrom(from(forget, forget.offset()));
    }
  }

  private TokenOrigin from(RawRecord record, long since) {
    int generation = byPartition.getOrDefault(record.partition(), Last.NONE).generation();
    return new TokenOrigin(record.partition(), generation, since);
  }
}
