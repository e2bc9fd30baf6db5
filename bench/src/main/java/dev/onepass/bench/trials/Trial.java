// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.trials;

import dev.onepass.bench.measure.Numbers;
import dev.onepass.bench.methods.Method;
import dev.onepass.datasets.heads.Head;
import java.util.PrimitiveIterator;
import java.util.function.LongConsumer;

/**
 * A method that was fed with a whole stream and can answer queries. Times are medians over
 * stretches of tokens and over query records, which exclude compilation and garbage collection.
 */
public final class Trial {
  /** Query vectors in one record. */
  static final int RECORD = 64;

  /** Tokens of one time sample: several folds of the largest block. */
  private static final int STRETCH = 4_096;

  private final Method method;
  private final Method.State state;
  private final long stateBytes;
  private final double foldMicros;

  private Trial(Method method, Method.State state, double foldMicros) {
    this.method = method;
    this.state = state;
    this.stateBytes = state.stateBytes();
    this.foldMicros = foldMicros;
  }

  /**
   * Feeds a method with a stream.
   *
   * @param bytes maximum state size
   * @param seed seed of the method's random choices
   * @param progress accepts the number of tokens of each step
   * @throws IllegalArgumentException if the bytes are too few; the message says so
   */
  public static Trial fold(Method method, Feed feed, int bytes, long seed, LongConsumer progress) {
    Head head = feed.head();
    Method.State state = method.begin(head, bytes, seed);
    PrimitiveIterator.OfInt rows = feed.rows();
    double[] micros = new double[Math.toIntExact((feed.tokens() + STRETCH - 1) / STRETCH)];
    for (int s = 0; s < micros.length; s++) {
      int count = (int) Math.min(STRETCH, feed.tokens() - (long) s * STRETCH);
      long start = System.nanoTime();
      for (int j = 0; j < count; j++) {
        int row = rows.nextInt();
        state.accept(head.key(row), head.value(row));
      }
      micros[s] = (System.nanoTime() - start) / 1e3 / count;
      progress.accept(count);
    }
    return new Trial(method, state, Numbers.median(micros));
  }

  /** Sends the queries of a test set and returns the answers and times. */
  public Outcome ask(TestSet test) {
    int count = test.queries().count();
    float[][] outputs = new float[count][];
    float[] errors = new float[count];
    double[] logNormalizers = new double[count];
    float[] logNormalizerErrors = new float[count];
    boolean tellsLogNormalizers = true;
    double[] micros = new double[(count + RECORD - 1) / RECORD];
    for (int r = 0; r < micros.length; r++) {
      int from = r * RECORD;
      int asked = Math.min(count, from + RECORD) - from;
      long start = System.nanoTime();
      Method.Answered answered = state.answer(test.part(from, from + asked));
      micros[r] = (System.nanoTime() - start) / 1e3 / asked;
      System.arraycopy(answered.outputs(), 0, outputs, from, asked);
      System.arraycopy(answered.errors(), 0, errors, from, asked);
      tellsLogNormalizers &= answered.logNormalizers() != null;
      if (tellsLogNormalizers) {
        System.arraycopy(answered.logNormalizers(), 0, logNormalizers, from, asked);
        System.arraycopy(answered.logNormalizerErrors(), 0, logNormalizerErrors, from, asked);
      }
    }
    return new Outcome(
        tellsLogNormalizers
            ? new Method.Answered(outputs, errors, logNormalizers, logNormalizerErrors)
            : new Method.Answered(outputs, errors),
        state.isExact(),
        Math.max(stateBytes, state.stateBytes()),
        method.sharedBytes(),
        foldMicros,
        Numbers.median(micros));
  }

  /**
   * The outcome of a trial.
   *
   * @param answered answers to the whole test set
   * @param exact whether the state still has every token
   * @param stateBytes of the serialized state after the last token or query
   * @param sharedBytes bytes that all sequences of the head share
   * @param foldMicros microseconds per token
   * @param queryMicros microseconds per query
   */
  public record Outcome(
      Method.Answered answered,
      boolean exact,
      long stateBytes,
      long sharedBytes,
      double foldMicros,
      double queryMicros) {}
}
