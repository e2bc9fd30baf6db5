// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

import dev.onepass.operators.event.Sample;
import dev.onepass.sketch.anchors.fit.SampledVectors;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.array.FloatPrimitiveArraySerializer;

/**
 * The keyed state of the learner for the current key's head: its progress, the samples by place,
 * and the number of samples of each sequence. Samples of older savepoints do not name their
 * sequences.
 */
public final class SampleStore {

  /** Describes the state of the progress. */
  public static ValueStateDescriptor<LearnerProgress> progressState() {
    return new ValueStateDescriptor<>("progress", LearnerProgressSerializer.INSTANCE);
  }

  /** Describes the state of the sampled query vectors, by place. */
  public static MapStateDescriptor<Integer, float[]> queriesState() {
    return samplesState("sampled-queries");
  }

  /** Describes the state of the sampled keys, by place. */
  public static MapStateDescriptor<Integer, float[]> keysState() {
    return samplesState("sampled-keys");
  }

  private static MapStateDescriptor<Integer, float[]> samplesState(String name) {
    return new MapStateDescriptor<>(
        name, IntSerializer.INSTANCE, FloatPrimitiveArraySerializer.INSTANCE);
  }

  /** Describes the state of the tally: its numbers by their order in {@link LearnerTally}. */
  public static MapStateDescriptor<Integer, Long> tallyState() {
    return new MapStateDescriptor<>("tally", IntSerializer.INSTANCE, LongSerializer.INSTANCE);
  }

  /** Describes the state of the hashes of the sequences that hold the places of one kind. */
  public static MapStateDescriptor<Integer, Long> sequencesState(boolean query) {
    return new MapStateDescriptor<>(
        query ? "queries-sequences" : "keys-sequences",
        IntSerializer.INSTANCE,
        LongSerializer.INSTANCE);
  }

  /** Describes the state of the number of places of one kind, by the hash of the sequence. */
  public static MapStateDescriptor<Long, Integer> heldState(boolean query) {
    return new MapStateDescriptor<>(
        query ? "queries-held" : "keys-held", LongSerializer.INSTANCE, IntSerializer.INSTANCE);
  }

  private final ValueState<LearnerProgress> progress;
  private final MapState<Integer, Long> tally;
  private final Kind queries;
  private final Kind keys;

  /** The samples of one kind: query vectors or keys. */
  private record Kind(
      MapState<Integer, float[]> vectors,
      MapState<Integer, Long> sequences,
      MapState<Long, Integer> held) {

    void clear() {
      vectors.clear();
      sequences.clear();
      held.clear();
    }
  }

  /** Opens the states of a keyed function. */
  public SampleStore(RuntimeContext context) {
    progress = context.getState(progressState());
    tally = context.getMapState(tallyState());
    queries = kind(context, true);
    keys = kind(context, false);
  }

  private static Kind kind(RuntimeContext context, boolean query) {
    return new Kind(
        context.getMapState(query ? queriesState() : keysState()),
        context.getMapState(sequencesState(query)),
        context.getMapState(heldState(query)));
  }

  private Kind kind(boolean query) {
    return query ? queries : keys;
  }

  /** Returns the tally. */
  public LearnerTally tally() throws Exception {
    return new LearnerTally(counted(0), counted(1), counted(2), counted(3));
  }

  private long counted(int number) throws Exception {
    Long counted = tally.get(number);
    return counted == null ? 0 : counted;
  }

  /** Writes the tally. */
  public void putTally(LearnerTally newTally) throws Exception {
    tally.put(0, newTally.surplusQueries());
    tally.put(1, newTally.surplusKeys());
    tally.put(2, newTally.fullSince());
    tally.put(3, newTally.failures());
  }

  /** Returns the progress, or null before the first sample. */
  public LearnerProgress progress() throws IOException {
    return progress.value();
  }

  /** Writes the progress. */
  public void putProgress(LearnerProgress newProgress) throws IOException {
    progress.update(newProgress);
  }

  /** Returns the hash of the sequence whose sample is in a place; 0 if it is unknown. */
  public long sequence(boolean query, int place) throws Exception {
    Long sequence = kind(query).sequences.get(place);
    return sequence == null ? 0 : sequence;
  }

  /** Returns how many places a sequence holds. */
  public int held(boolean query, long sequence) throws Exception {
    Integer held = sequence == 0 ? null : kind(query).held.get(sequence);
    return held == null ? 0 : held;
  }

  /**
   * Puts a sample in a place, instead of the sample that is there.
   *
   * @param place the place, from 0
   * @param share number of places that a sequence may hold
   * @return change in the number of samples beyond the shares
   */
  public int put(Sample sample, int place, int share) throws Exception {
    Kind kind = kind(sample.query());
    int before = add(sample.query(), sequence(sample.query(), place), -1, share);
    int after = add(sample.query(), sample.sequence(), 1, share);
    kind.vectors.put(place, sample.vector());
    kind.sequences.put(place, sample.sequence());
    return before + after;
  }

  private int add(boolean query, long sequence, int change, int share) throws Exception {
    if (sequence == 0) {
      return 0;
    }
    int held = held(query, sequence);
    if (held + change > 0) {
      kind(query).held.put(sequence, held + change);
    } else {
      kind(query).held.remove(sequence);
    }
    return Math.max(0, held + change - share) - Math.max(0, held - share);
  }

  /**
   * Returns the samples of one kind, in the order of their places. Samples of unknown sequences
   * count as samples of different sequences.
   *
   * @param dim length of the vectors
   */
  public SampledVectors past(boolean query, int dim) throws Exception {
    TreeMap<Integer, float[]> inOrder = new TreeMap<>();
    // The backend sorts in another order, and places are missing where the sizes have changed.
    for (Map.Entry<Integer, float[]> sample : kind(query).vectors.entries()) {
      inOrder.put(sample.getKey(), sample.getValue());
    }
    float[] rows = new float[inOrder.size() * dim];
    long[] sequences = new long[inOrder.size()];
    int row = 0;
    for (Map.Entry<Integer, float[]> sample : inOrder.entrySet()) {
      System.arraycopy(sample.getValue(), 0, rows, row * dim, dim);
      long sequence = sequence(query, sample.getKey());
      sequences[row++] = sequence == 0 ? -1L - sample.getKey() : sequence;
    }
    return new SampledVectors(rows, sequences);
  }

  /** Drops the samples and the tally. */
  public void clearSamples() {
    queries.clear();
    keys.clear();
    tally.clear();
  }
}
