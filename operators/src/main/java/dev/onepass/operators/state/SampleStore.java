package dev.onepass.operators.state;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.array.FloatPrimitiveArraySerializer;

/** The state of the learner for the current key's head: progress and samples, by their places. */
public final class SampleStore {

  /** Name and format of the progress. */
  public static ValueStateDescriptor<LearnerProgress> progressState() {
    return new ValueStateDescriptor<>("progress", LearnerProgressSerializer.INSTANCE);
  }

  /** Name and format of the sampled queries. */
  public static MapStateDescriptor<Integer, float[]> queriesState() {
    return samplesState("sampled-queries");
  }

  /** Name and format of the sampled keys. */
  public static MapStateDescriptor<Integer, float[]> keysState() {
    return samplesState("sampled-keys");
  }

  private static MapStateDescriptor<Integer, float[]> samplesState(String name) {
    return new MapStateDescriptor<>(
        name, IntSerializer.INSTANCE, FloatPrimitiveArraySerializer.INSTANCE);
  }

  private final ValueState<LearnerProgress> progress;
  private final MapState<Integer, float[]> queries;
  private final MapState<Integer, float[]> keys;

  /** Opens the states of a keyed function. */
  public SampleStore(RuntimeContext context) {
    progress = context.getState(progressState());
    queries = context.getMapState(queriesState());
    keys = context.getMapState(keysState());
  }

  /** The progress, or null before the first sample. */
  public LearnerProgress progress() throws IOException {
    return progress.value();
  }

  /** Writes the progress. */
  public void putProgress(LearnerProgress newProgress) throws IOException {
    progress.update(newProgress);
  }

  /** Puts a sample in its place. */
  public void put(boolean query, int place, float[] vector) throws Exception {
    (query ? queries : keys).put(place, vector);
  }

  /** Sampled queries, one after the other in the order of their places. */
  public float[] queries(int dim) throws Exception {
    return rows(queries, dim);
  }

  /** Sampled keys, one after the other in the order of their places. */
  public float[] keys(int dim) throws Exception {
    return rows(keys, dim);
  }

  /** The backend has an order of its own, and places are left out where the sizes have changed. */
  private static float[] rows(MapState<Integer, float[]> samples, int dim) throws Exception {
    TreeMap<Integer, float[]> inOrder = new TreeMap<>();
    for (Map.Entry<Integer, float[]> sample : samples.entries()) {
      inOrder.put(sample.getKey(), sample.getValue());
    }
    float[] rows = new float[inOrder.size() * dim];
    int at = 0;
    for (float[] vector : inOrder.values()) {
      System.arraycopy(vector, 0, rows, at, dim);
      at += dim;
    }
    return rows;
  }

  /** Drops the samples. */
  public void clearSamples() {
    queries.clear();
    keys.clear();
  }
}
