// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.measure;

import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.api.UnfitConfigException;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.codirections.CoDirections;
import dev.onepass.sketch.polynomial.FeatureDegree;
import dev.onepass.sketch.polynomial.FeatureReadout;
import dev.onepass.sketch.polynomial.KeyFeatures;

/**
 * Attention with co-occurring directions for U2' V and the one-pass algorithm for everything else.
 * It is not a family, but a reference to compare Psi with.
 */
public final class Directions {
  private final KeyFeatures keys;
  private final CoDirections product;
  private final float[] sums;
  private final ValueRange range;

  private Directions(KeyFeatures keys, int valueDim, int columns) {
    this.keys = keys;
    product = new CoDirections(keys.basis().size(), valueDim, columns);
    sums = new float[keys.basis().size()];
    range = new ValueRange(valueDim);
  }

  /**
   * Folds the first tokens of a head.
   *
   * @param setup gives the degree
   * @param columns number of columns of both factors, even
   */
  public static Directions fold(Setup setup, Head head, int tokens, int columns) {
    TokenBlock all = head.tokens(tokens);
    FeatureDegree degree = degree(setup.config(head));
    KeyFeatures keys = KeyFeatures.begin(degree, Attention.known(all));
    Directions directions = new Directions(keys, head.valueDim(), columns);
    directions.range.include(all);
    double[] sums = new double[directions.sums.length];
    keys.fold(all, (features, values, count) -> directions.add(features, values, count, sums));
    for (int r = 0; r < sums.length; r++) {
      directions.sums[r] = (float) sums[r];
    }
    return directions;
  }

  private static FeatureDegree degree(SketchConfig config) {
    try {
      return FeatureDegree.choose(config, ignored -> true);
    } catch (UnfitConfigException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private void add(float[] features, float[] values, int count, double[] into) {
    int t = into.length;
    for (int j = 0; j < count; j++) {
      product.add(features, j * t, values, j * product.rightDim());
      for (int r = 0; r < t; r++) {
        into[r] += features[j * t + r];
      }
    }
  }

  /** Returns the bytes of the factors, the sums and the statistics of keys and values. */
  public int bytes() {
    return product.stateBytes()
        + Float.BYTES * sums.length
        + (int) KeyFeatures.bytes(keys.keyDim())
        + ValueRange.bytes(product.rightDim());
  }

  /** Returns the answers, one row for each query. */
  public double[][] answers(QueryBlock queries) {
    SoftmaxSum softmax = new SoftmaxSum(queries.count(), product.rightDim());
    new FeatureReadout(keys, sums)
        .addTo(softmax, queries, product.rightDim(), product::addTo, range);
    return Attention.answers(softmax, range, product.rightDim());
  }
}
