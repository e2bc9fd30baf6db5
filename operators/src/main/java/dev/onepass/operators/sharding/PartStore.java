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

/** Parts of the answer to the current key's query, and how many there are. */
public final class PartStore {

  /** Name and format of the parts, by the number of their shard. */
  public static MapStateDescriptor<Integer, Part> partsState() {
    return new MapStateDescriptor<>("parts", IntSerializer.INSTANCE, PartSerializer.INSTANCE);
  }

  /** Name and format of the progress, the fields of {@link Progress} in their order. */
  public static ValueStateDescriptor<long[]> progressState() {
    return new ValueStateDescriptor<>("gathered", LongPrimitiveArraySerializer.INSTANCE);
  }

  /**
   * How far an answer is.
   *
   * @param shards shards that have said something
   * @param last shards that have no more to say
   * @param accepted tokens that they have accepted
   * @param answered whether the answer went out, so that nothing but the last parts is missing
   */
  public record Progress(int shards, int last, long accepted, boolean answered) {}

  private final MapState<Integer, Part> parts;
  private final ValueState<long[]> progress;

  /** Opens the states of a keyed function. */
  public PartStore(RuntimeContext context) {
    parts = context.getMapState(partsState());
    progress = context.getState(progressState());
  }

  /** How far the answer is. */
  public Progress progress() throws Exception {
    long[] stored = progress.value();
    return stored == null
        ? new Progress(0, 0, 0, false)
        : new Progress((int) stored[0], (int) stored[1], stored[2], stored[3] != 0);
  }

  /** Writes how far the answer is. */
  public void putProgress(Progress now) throws Exception {
    progress.update(new long[] {now.shards(), now.last(), now.accepted(), now.answered() ? 1 : 0});
  }

  /** What that shard has said, or null. */
  public Part part(int shard) throws Exception {
    return parts.get(shard);
  }

  /** Keeps what a shard said in the place of what it said before. */
  public void putPart(Part part) throws Exception {
    parts.put(part.shard(), part);
  }

  /** All parts, in the order of their shards. */
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

  /** Drops everything. */
  public void clear() {
    parts.clear();
    progress.clear();
  }
}
