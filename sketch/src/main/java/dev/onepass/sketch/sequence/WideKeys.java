// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.annotations.PublicEvolving;
import dev.onepass.sketch.wide.ColumnSample;
import java.io.Serializable;

/**
 * How a head projects wide keys and queries. The projection itself is part of the head's anchor
 * sets; see {@link dev.onepass.sketch.anchors.AnchorSet#columns}.
 *
 * @param columns length m of projected keys; 0 for a head that does not project
 * @param leastVariance smallest share of the variance of logits that a projection must keep, 0 to 1
 */
@PublicEvolving
public record WideKeys(int columns, double leastVariance) implements Serializable {

  /** No projection. */
  public static final WideKeys NONE = new WideKeys(0, 0);

  /** Default of {@code leastVariance}. */
  public static final double DEFAULT_LEAST_VARIANCE = 0.9;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if a number is out of range
   */
  public WideKeys {
    if (columns < 0 || !(leastVariance >= 0 && leastVariance <= 1)) {
      throw new IllegalArgumentException(
          "Expected at least 0 columns and a least variance from 0 to 1, got %d and %s."
              .formatted(columns, leastVariance));
    }
  }

  /** Returns whether a projection keeps enough of the variance of logits. */
  public boolean isKept(ColumnSample sample) {
    return sample.keptVariance() >= leastVariance;
  }

  /**
   * Returns one sentence without a full stop that says how much a projection keeps, how much it
   * must keep, and what to do.
   *
   * @param keyDim length of whole keys
   */
  public String loss(int keyDim, ColumnSample sample) {
    return "%d of %d key coordinates keep %.1f %% of the logits' variance, but at least %.1f %% is required; set more columns, or a smaller least variance, or keep whole keys"
        .formatted(sample.columns(), keyDim, 100 * sample.keptVariance(), 100 * leastVariance);
  }

  /** Returns whether the head projects keys. */
  public boolean isOn() {
    return columns > 0;
  }
}
