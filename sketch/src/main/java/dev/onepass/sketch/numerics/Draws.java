package dev.onepass.sketch.numerics;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/** Rows drawn without replacement. */
public final class Draws {

  private Draws() {}

  /** So many different numbers below n, in the order drawn. */
  public static int[] distinct(int n, int count, Random random) {
    int[] rows = IntStream.range(0, n).toArray();
    for (int i = 0; i < count; i++) {
      int other = i + random.nextInt(n - i);
      int row = rows[other];
      rows[other] = rows[i];
      rows[i] = row;
    }
    return Arrays.copyOf(rows, count);
  }

  /** The rows of an n x d matrix with these numbers. */
  public static float[] rows(float[] matrix, int dim, int[] numbers) {
    float[] taken = new float[numbers.length * dim];
    for (int i = 0; i < numbers.length; i++) {
      System.arraycopy(matrix, numbers[i] * dim, taken, i * dim, dim);
    }
    return taken;
  }
}
