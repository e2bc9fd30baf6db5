// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sharding;

import dev.onepass.operators.event.Part;
import dev.onepass.operators.event.PartSerializer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.array.LongPrimitiveArraySerializer;

/** The keyed state of a query that goes to all shards: the parts so far, and their progress. */
public final class PartStore {

  /** Describes the state of the parts, by the number of their shard. */
  public static MapStateDescriptor<Integer, Part> partsState() {
    return new MapStateDescriptor<>("parts", IntSerializer.INSTANCE, PartSerializer.INSTANCE);
  }

  /** Describes the state of the progress: the fields of {@link Progress} in their order. */
  public static ValueStateDescriptor<long[]> progressState() {
    return new ValueStateDescriptor<>("gathered", LongPrimitiveArraySerializer.INSTANCE);
  }

  /**
   * The progress of an answer.
   *
   * @param shards number of shards that have sent a part
   * @param last number of shards that have sent their last part
   * @param accepted number of tokens that these shards have accepted
   * @param answered whether the reply has been sent, so that only last parts are missing
   */
  public record Progress(int shards, int last, long accepted, boolean answered) {}

  private final MapState<Integer, Part> parts;
  private final ValueState<long[]> progress;

  /** Opens the states of a keyed function. */
  public PartStore(RuntimeContext context) {
    parts = context.getMapState(partsState());
    progress = context.getState(progressState());
  }

  /** Returns the progress. */
  public Progress progress() throws Exception {
    long[] stored = progress.value();
    return stored == null
        ? new Progress(0, 0, 0, false)
        : new Progress((int) stored[0], (int) stored[1], stored[2], stored[3] != 0);
  }

  /** Writes the progress. */
  public void putProgress(Progress now) throws Exception {
    progress.update(new long[] {now.shards(), now.last(), now.accepted(), now.answered() ? 1 : 0});
  }

  /** Returns the part of a shard, or null. */
  public Part part(int shard) throws Exception {
    return parts.get(shard);
  }

  /** Writes a part, and replaces the earlier part of the same shard. */
  public void putPart(Part part) throws Exception {
    parts.put(part.shard(), part);
  }

  /** Returns all parts, sorted by shard. */
  public List<Part> parts() throws Exception {
    List<Part> all = new ArrayList<>();
    parts.values().forEach(all::add);
    all.sort(Comparator.comparingInt(Part::shard));
    return all;
  }

  /** Drops the parts. */
  public void clearParts() {
    parts.clear();
  }

  /** Drops the parts and the progress. */
  public void clear() {
    parts.clear();
    progress.clear();
  }
}
