package dev.onepass.bench.accuracy;

import dev.onepass.bench.data.Head;
import dev.onepass.bench.measure.Numbers;
import java.util.Arrays;

/** Feeds a method with a whole stream, asks it, and takes the times. */
public final class Trial {
  /** Query vectors in one record. */
  static final int RECORD = 64;

  /** Tokens over which one time is taken: several folds of the largest block. */
  private static final int STRETCH = 4_096;

  private Trial() {}

  /**
   * Runs one. Times are medians, of stretches of tokens and of records of queries, so that neither
   * the compiler's start nor a pause of the collector counts.
   *
   * @param bytes bound on the state
   * @param seed of what the method draws at random
   * @throws IllegalArgumentException with a sentence, if the bytes do not suffice
   */
  public static Score run(Method method, TestSet test, int bytes, long seed) {
    Method.State state = method.begin(test.head(), bytes, seed);
    double token = fold(state, test.head());
    long stateBytes = state.stateBytes();
    float[][] outputs = new float[test.queries().count()][];
    float[] errors = new float[outputs.length];
    double query = ask(state, test, outputs, errors);
    return Score.of(
        test,
        new Method.Answered(outputs, errors),
        Math.max(stateBytes, state.stateBytes()),
        token,
        query);
  }

  /** Microseconds a token. */
  private static double fold(Method.State state, Head head) {
    int stretches = (head.rows() + STRETCH - 1) / STRETCH;
    double[] micros = new double[stretches];
    for (int s = 0; s < stretches; s++) {
      int from = s * STRETCH;
      int to = Math.min(head.rows(), from + STRETCH);
      long start = System.nanoTime();
      for (int j = from; j < to; j++) {
        state.accept(row(head.keys(), j, head.keyDim()), row(head.values(), j, head.valueDim()));
      }
      micros[s] = (System.nanoTime() - start) / 1e3 / (to - from);
    }
    return Numbers.median(micros);
  }

  private static float[] row(float[] rows, int j, int dim) {
    return Arrays.copyOfRange(rows, j * dim, (j + 1) * dim);
  }

  /** Microseconds a query. */
  private static double ask(Method.State state, TestSet test, float[][] outputs, float[] errors) {
    int count = outputs.length;
    double[] micros = new double[(count + RECORD - 1) / RECORD];
    for (int r = 0; r < micros.length; r++) {
      int from = r * RECORD;
      int asked = Math.min(count, from + RECORD) - from;
      long start = System.nanoTime();
      Method.Answered answered = state.answer(test.part(from, from + asked));
      micros[r] = (System.nanoTime() - start) / 1e3 / asked;
      System.arraycopy(answered.outputs(), 0, outputs, from, asked);
      System.arraycopy(answered.errors(), 0, errors, from, asked);
    }
    return Numbers.median(micros);
  }
}
