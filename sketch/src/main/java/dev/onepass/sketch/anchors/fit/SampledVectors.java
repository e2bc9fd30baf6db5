// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors.fit;

import dev.onepass.sketch.numerics.Draws;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * Query vectors or keys of a head that were sampled from its traffic.
 *
 * @param rows vectors, one after the other
 * @param sequences for each vector, a number that identifies the sequence it comes from
 */
public record SampledVectors(float[] rows, long[] sequences) {

  /**
   * Returns vectors of unknown origin; each counts as a vector of a different sequence.
   *
   * @param rows vectors of length {@code dim}, one after the other
   * @param dim length of a vector
   */
  public static SampledVectors of(float[] rows, int dim) {
    return new SampledVectors(rows, LongStream.range(0, rows.length / dim).toArray());
  }

  /**
   * Returns the number of vectors.
   *
   * @param dim length of a vector
   */
  public int count(int dim) {
    return rows.length / dim;
  }

  /**
   * Returns the vectors with these indexes.
   *
   * @param numbers indexes of vectors, from 0
   * @param dim length of a vector
   */
  public SampledVectors only(int[] numbers, int dim) {
    return new SampledVectors(
        Draws.rows(rows, dim, numbers),
        Arrays.stream(numbers).mapToLong(number -> sequences[number]).toArray());
  }
}
