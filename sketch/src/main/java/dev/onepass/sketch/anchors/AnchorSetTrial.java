package dev.onepass.sketch.anchors;

import dev.onepass.sketch.anchors.kriging.EmbeddedQueries;
import dev.onepass.sketch.anchors.kriging.Kernel;
import dev.onepass.sketch.anchors.kriging.Kriging;
import dev.onepass.sketch.anchors.kriging.QuerySpace;
import dev.onepass.sketch.numerics.Draws;
import dev.onepass.sketch.simd.Floats;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Tries a set on a few of its anchors: what no sequence could work with is found out before any
 * adopts it.
 */
final class AnchorSetTrial {

  /** Anchors tried that lie farthest out, where numbers overflow first, at most. */
  private static final int FARTHEST = 16;

  /** Anchors tried that are the first, which every sequence uses, at most. */
  private static final int FIRST = 16;

  private final QuerySpace space;
  private final List<Kernel> kernels;
  private final float[] anchors;

  AnchorSetTrial(QuerySpace space, List<Kernel> kernels, float[] anchors) {
    this.space = space;
    this.kernels = kernels;
    this.anchors = anchors;
  }

  /**
   * @throws CorruptSketchException if anything comes to something else than numbers
   */
  void run() {
    int[] tried = tried();
    EmbeddedQueries embedded =
        EmbeddedQueries.of(space, Draws.rows(anchors, space.keyDim(), tried), tried.length, 1);
    if (!embedded.areFinite()) {
      throw new CorruptSketchException("an anchor has a place in query space that is no number");
    }
    for (int k = 0; k < kernels.size(); k++) {
      if (!isOfUse(embedded, kernels.get(k))) {
        throw new CorruptSketchException(
            "the covariance of its anchors by kernel %d cannot be factored".formatted(k));
      }
    }
  }

  private int[] tried() {
    int d = space.keyDim();
    int count = anchors.length / d;
    double[] squares = new double[count];
    Arrays.setAll(squares, r -> Floats.squareSum(anchors, r * d, d));
    IntStream farthest =
        IntStream.range(0, count)
            .boxed()
            .sorted(Comparator.comparingDouble(r -> -squares[r]))
            .limit(FARTHEST)
            .mapToInt(r -> r);
    return IntStream.concat(IntStream.range(0, Math.min(FIRST, count)), farthest)
        .distinct()
        .toArray();
  }

  private static boolean isOfUse(EmbeddedQueries embedded, Kernel kernel) {
    try {
      Kriging kriging = new Kriging(embedded, kernel, embedded.count()).prepared();
      double[] solved = new double[embedded.count()];
      Arrays.fill(solved, 1);
      kriging.solve(solved);
      float[] errors = kriging.leaveOneOutErrors(Floats.of(solved), 1);
      return Arrays.stream(solved).allMatch(Double::isFinite)
          && Arrays.stream(kriging.leftOutDeviations()).allMatch(Double::isFinite)
          && areFinite(errors);
    } catch (ArithmeticException noFactor) {
      return false;
    }
  }

  private static boolean areFinite(float[] numbers) {
    return IntStream.range(0, numbers.length).allMatch(i -> Float.isFinite(numbers[i]));
  }
}
