package dev.onepass.sketch.anchors;

import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/** Small anchor sets, made once. */
public final class TestSets {

  /** Past queries and keys that a set is made of. */
  public static final int ROWS = 300;

  /** Anchors of a set. */
  public static final int COUNT = 48;

  private static final Map<Integer, AnchorSet> IN_A_BALL = new ConcurrentHashMap<>();

  private TestSets() {}

  /** A set of past queries in a ball of radius 1, and of normal keys, that wants no clusters. */
  public static AnchorSet inABall(int keyDim) {
    return IN_A_BALL.computeIfAbsent(
        keyDim,
        d -> {
          Random random = new Random(d);
          float[] queries = ball(random, ROWS, d, 1);
          float[] keys = normal(random, ROWS * d, 1);
          return withClusterShare(AnchorSetMaker.make(1, d, queries, keys, COUNT, 7), 0);
        });
  }

  /** The same set, but one that found clusters of a sequence's own worth that share or not. */
  public static AnchorSet withClusterShare(AnchorSet set, double share) {
    return new AnchorSet(
        set.version(), set.keyDim(), share, set.kernels(), set.space(), set.anchors());
  }

  /** Vectors spread evenly over a ball. */
  public static float[] ball(Random random, int n, int d, double radius) {
    float[] vectors = normal(random, n * d, 1);
    for (int j = 0; j < n; j++) {
      double square = 1e-30;
      for (int i = 0; i < d; i++) {
        square += vectors[j * d + i] * vectors[j * d + i];
      }
      double factor = radius * Math.pow(random.nextDouble(), 1.0 / d) / Math.sqrt(square);
      for (int i = 0; i < d; i++) {
        vectors[j * d + i] *= (float) factor;
      }
    }
    return vectors;
  }

  /** Normal numbers. */
  public static float[] normal(Random random, int count, double sd) {
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = (float) (sd * random.nextGaussian());
    }
    return x;
  }
}
