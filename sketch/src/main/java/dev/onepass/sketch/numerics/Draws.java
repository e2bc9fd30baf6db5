// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.numerics;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/** Draws rows without replacement. */
public final class Draws {

  private Draws() {}

  /**
   * Draws different numbers from 0 to n - 1.
   *
   * @param n at least {@code count}
   * @param count how many
   * @param random source of the numbers
   * @return the numbers in the order drawn
   */
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

  /**
   * Copies rows of an n x d matrix.
   *
   * @param matrix n x d, row-major
   * @param dim length d of a row
   * @param numbers numbers of the rows, from 0
   * @return one row per number, row-major
   */
  public static float[] rows(float[] matrix, int dim, int[] numbers) {
    float[] taken = new float[numbers.length * dim];
    for (int i = 0; i < numbers.length; i++) {
      System.arraycopy(matrix, numbers[i] * dim, taken, i * dim, dim);
    }
    return taken;
  }
}
