// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors;

import dev.onepass.sketch.anchors.kriging.EmbeddedQueries;
import dev.onepass.sketch.anchors.kriging.Kernel;
import dev.onepass.sketch.anchors.kriging.Kriging;
import dev.onepass.sketch.anchors.kriging.QuerySpace;
import dev.onepass.sketch.anchors.kriging.UnfactorableCovarianceException;
import dev.onepass.sketch.numerics.Draws;
import dev.onepass.sketch.simd.Floats;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Tries an anchor set on some of its anchors, to refuse a set that no sequence could work with
 * before any sequence adopts it.
 */
final class AnchorSetTrial {

  /** Maximum number of anchors of largest norm, where numbers overflow first. */
  private static final int FARTHEST = 16;

  /** Maximum number of first anchors, which every sequence uses. */
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
   * Runs the trial.
   *
   * @throws CorruptSketchException if a result is not finite, or if a covariance cannot be factored
   */
  void run() {
    int[] tried = tried();
    EmbeddedQueries embedded =
        EmbeddedQueries.of(space, Draws.rows(anchors, space.keyDim(), tried), tried.length, 1);
    if (!embedded.areFinite()) {
      throw new CorruptSketchException(
          "an anchor has coordinates in query space that are not finite");
    }
    for (int k = 0; k < kernels.size(); k++) {
      if (!isUsable(embedded, kernels.get(k))) {
        throw new CorruptSketchException(
            "kernel %d: the covariance of the anchors cannot be factored".formatted(k));
      }
    }
  }

  /** Returns the indexes of the anchors to try. */
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

  /** Returns whether the covariance can be factored and gives finite results. */
  private static boolean isUsable(EmbeddedQueries embedded, Kernel kernel) {
    try {
      Kriging kriging = new Kriging(embedded, kernel, embedded.count()).prepared();
      double[] solved = new double[embedded.count()];
      Arrays.fill(solved, 1);
      kriging.solve(solved);
      float[] errors = kriging.leaveOneOutErrors(Floats.of(solved), 1);
      return Arrays.stream(solved).allMatch(Double::isFinite)
          && Arrays.stream(kriging.leftOutSurroundings().deviations()).allMatch(Double::isFinite)
          && areFinite(errors);
    } catch (UnfactorableCovarianceException e) {
      return false;
    }
  }

  private static boolean areFinite(float[] numbers) {
    return IntStream.range(0, numbers.length).allMatch(i -> Float.isFinite(numbers[i]));
  }
}
