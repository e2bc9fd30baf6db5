package dev.onepass.sketch.anchors.fit;

import dev.onepass.sketch.numerics.Draws;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * Past queries or keys of a head.
 *
 * @param rows one vector after the other
 * @param sequences which sequence each comes from, by any number that tells sequences apart
 */
public record SampledVectors(float[] rows, long[] sequences) {

  /**
   * Vectors of length {@code dim} of which nobody knows where they come from: each from its own.
   */
  public static SampledVectors of(float[] rows, int dim) {
    return new SampledVectors(rows, LongStream.range(0, rows.length / dim).toArray());
  }

  /** How many vectors of this length there are. */
  public int count(int dim) {
    return rows.length / dim;
  }

  /** Returns the vectors with these numbers. */
  public SampledVectors only(int[] numbers, int dim) {
    return new SampledVectors(
        Draws.rows(rows, dim, numbers),
        Arrays.stream(numbers).mapToLong(number -> sequences[number]).toArray());
  }
}
