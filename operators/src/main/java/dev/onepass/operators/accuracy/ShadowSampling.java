package dev.onepass.operators.accuracy;

import java.io.Serializable;

/**
 * Which sequences have a shadow. The choice hangs on the sequence's id alone, so that it is the
 * same after a restart, in every subtask, and in every head.
 *
 * @param oneIn one in so many sequences has one; 0 for none at all
 * @param maxTokens tokens and retractions that a shadow keeps; one more ends it
 */
public record ShadowSampling(int oneIn, int maxTokens) implements Serializable {

  /** No shadows. */
  public static final ShadowSampling OFF = new ShadowSampling(0, 0);

  /** 2^64 over the golden ratio: products with it spread neighbours over all high bits. */
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /**
   * @throws IllegalArgumentException if a number is negative
   */
  public ShadowSampling {
    if (oneIn < 0 || maxTokens < 0) {
      throw new IllegalArgumentException(
          "one in %d sequences, %d tokens".formatted(oneIn, maxTokens));
    }
  }

  /** Whether sequences of this id have a shadow. */
  public boolean covers(String sequence) {
    return oneIn > 0 && (sequence.hashCode() * GOLDEN >>> Integer.SIZE) % oneIn == 0;
  }
}
