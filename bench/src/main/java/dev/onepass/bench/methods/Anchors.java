package dev.onepass.bench.methods;

import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import java.util.Arrays;

/** Anchor sets as a job would have them: of what a head asked and saw early. */
public final class Anchors {
  /** Share of the rows that a set is made from. */
  private static final double EARLY = 0.3;

  private Anchors() {}

  /**
   * Makes a set from the first 30 % of the queries and keys, in seconds.
   *
   * @throws IllegalArgumentException with a sentence, if no set can be made of these
   */
  public static AnchorSet of(Head head, long seed) {
    int length = (int) (EARLY * head.rows()) * head.keyDim();
    float[] queries = Arrays.copyOf(head.queries(), length);
    for (int i = 0; i < length; i++) {
      queries[i] *= (float) head.scale();
    }
    float[] keys = Arrays.copyOf(head.keys(), length);
    return AnchorSetMaker.make(1, head.keyDim(), queries, keys, AnchorSetMaker.DEFAULT_COUNT, seed);
  }
}
