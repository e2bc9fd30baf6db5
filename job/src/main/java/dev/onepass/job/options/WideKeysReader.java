// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import dev.onepass.sketch.sequence.WideKeys;

/**
 * Reads how a head projects wide keys: options {@code head.NAME.columns} and {@code
 * columns.least-variance}, which a head may set too.
 */
final class WideKeysReader {

  static final String COLUMNS = "columns";
  static final String LEAST_VARIANCE = OnepassOptions.COLUMNS_LEAST_VARIANCE.key();

  private final OptionValues values;
  private final String columns;
  private final String leastVariance;

  WideKeysReader(OptionValues values, String head) {
    this.values = values;
    columns = OnepassOptions.HEAD + head + "." + COLUMNS;
    leastVariance = values.nameFor(head, LEAST_VARIANCE, OnepassOptions.COLUMNS_LEAST_VARIANCE);
  }

  /**
   * Returns the projection. Adds problems to the values.
   *
   * @param keyDim length of the head's keys
   */
  WideKeys wide(int keyDim) {
    Double least = values.orDefault(leastVariance, OnepassOptions.COLUMNS_LEAST_VARIANCE);
    if (least != null && !(least >= 0 && least <= 1)) {
      values.complain("%s must be from 0 to 1, not %s".formatted(leastVariance, least));
      return WideKeys.NONE;
    }
    if (!values.isGiven(columns)) {
      return WideKeys.NONE;
    }
    // Any option of whole numbers says how to read one.
    Integer count = values.of(columns, OnepassOptions.KEY_DIM);
    if (count == null || least == null) {
      return WideKeys.NONE; // The problem is already listed.
    }
    if (count < 1 || count >= keyDim) {
      values.complain(
          "%s must be from 1 to %d, because the keys have length %d, not %d; remove it to keep whole keys"
              .formatted(columns, keyDim - 1, keyDim, count));
      return WideKeys.NONE;
    }
    return new WideKeys(count, least);
  }
}
