// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.queries;

import dev.onepass.bench.load.MemoryTokens;
import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.stores.RocksStore;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.sequence.Sequence;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Map;

/**
 * Measures the cost of a query over the sketch, read as the job reads it, and over the whole
 * history. Both come from one RocksDB whose cache holds everything.
 */
public final class QueryTimes implements AutoCloseable {
  /** Tokens of one part of the history; larger parts are not read faster. */
  private static final int PART = 256;

  /** Queries over the sketch for each query over the history, so that both are compiled early. */
  private static final int OF_SKETCH = 20;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final MemoryTokens tokens;
  private final AnchorSets anchors;
  private final RocksStore store;
  private final Sequence sequence;
  private double sink;

  /**
   * Creates a hybrid sequence and its history.
   *
   * @param dim of keys and values
   * @param stateSize state size of the sequence
   * @param count number of tokens of the sequence
   */
  public QueryTimes(int dim, int stateSize, long count) throws IOException {
    tokens = new MemoryTokens("hybrid", dim, stateSize, 0);
    anchors = AnchorSets.of(tokens.anchors());
    store = new RocksStore();
    sequence = Sequence.open(tokens.head(), store, anchors);
    for (long i = 0; i < count; i++) {
      sequence.accept(i, tokens.key(i), tokens.value(i));
      sequence.save();
    }
    for (long from = 0; from < count; from += PART) {
      store.putHistory((int) (from / PART), part(dim, from, Math.min(count, from + PART)));
    }
    store.settle();
  }

  private byte[] part(int dim, long from, long to) {
    TokenBlock block = new TokenBlock(dim, dim, PART);
    for (long i = from; i < to; i++) {
      block.append(tokens.key(i), tokens.value(i), 1);
    }
    SketchConfig room = new SketchConfig(dim, dim, 1 << 24, 0, Map.of());
    AttentionSketch part = ExactFamily.INSTANCE.begin(room, block, AnchorSets.NONE);
    part.update(block);
    return part.toByteArray();
  }

  /**
   * Medians of processor time in microseconds, which does not depend on other load of the machine.
   *
   * @param sketch a query of one vector over the sketch
   * @param exact a query of one vector over the history
   * @param candidates a query of many vectors over a sketch in memory
   */
  public record Micros(double sketch, double exact, double candidates) {}

  /**
   * Measures in turn the sketch {@value #OF_SKETCH} times, the history once and the candidates
   * once.
   *
   * @param rounds number of measured rounds; a fifth more come first as warm-up
   * @param candidates number of vectors in a query with many candidates
   */
  public Micros measure(int rounds, int candidates) {
    AttentionSketch read = store.sketch(anchors);
    double[] sketch = new double[rounds * OF_SKETCH];
    double[] exact = new double[rounds];
    double[] many = new double[rounds];
    for (int round = -warmUp(rounds); round < rounds; round++) {
      int i = Math.max(0, round);
      QueryBlock one = tokens.queries(round + rounds, 1);
      QueryBlock block = tokens.queries(round + rounds, candidates);
      for (int k = 0; k < OF_SKETCH; k++) {
        sketch[i * OF_SKETCH + k] = micros(() -> bySketch(one));
      }
      exact[i] = micros(() -> byHistory(one));
      many[i] = micros(() -> over(read, block));
    }
    if (Double.isNaN(sink)) {
      throw new IllegalStateException("an answer is not a number");
    }
    return new Micros(Numbers.median(sketch), Numbers.median(exact), Numbers.median(many));
  }

  private static int warmUp(int rounds) {
    return Math.max(1, rounds / 5);
  }

  private double micros(Runnable call) {
    long begin = threads.getCurrentThreadCpuTime();
    call.run();
    return (threads.getCurrentThreadCpuTime() - begin) / 1e3;
  }

  private void bySketch(QueryBlock queries) {
    sink += sequence.answer(queries).outputs()[0][0];
  }

  private void byHistory(QueryBlock queries) {
    SoftmaxSum sums = new SoftmaxSum(queries.count(), tokens.head().valueDim());
    store.history(part -> SketchFamilies.heapify(part, AnchorSets.NONE).addTo(sums, queries));
    sink += sums.output(0, 0);
  }

  private void over(AttentionSketch sketch, QueryBlock queries) {
    SoftmaxSum sums = new SoftmaxSum(queries.count(), tokens.head().valueDim());
    sketch.addTo(sums, queries);
    sink += sums.output(queries.count() - 1, 0);
  }

  /** Returns the relative difference of the two answers to a query, as a check. */
  double difference(long i) {
    QueryBlock query = tokens.queries(i, 1);
    float[] answer = sequence.answer(query).outputs()[0];
    SoftmaxSum sums = new SoftmaxSum(1, tokens.head().valueDim());
    store.history(part -> SketchFamilies.heapify(part, AnchorSets.NONE).addTo(sums, query));
    double difference = 0;
    double norm = 0;
    for (int c = 0; c < answer.length; c++) {
      difference += Math.pow(answer[c] - sums.output(0, c), 2);
      norm += Math.pow(sums.output(0, c), 2);
    }
    return Math.sqrt(difference / norm);
  }

  @Override
  public void close() {
    store.close();
  }
}
