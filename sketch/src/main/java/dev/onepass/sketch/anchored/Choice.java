// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchored;

/**
 * What a sequence chooses by its own values.
 *
 * @param kernel number of one of the kernels of the anchor set
 * @param onClusters whether the base is what the clusters answer, and not a mean over the anchors
 */
record Choice(int kernel, boolean onClusters) {

  /** What holds until the first kernel is chosen. */
  static final Choice FIRST = new Choice(0, false);
}
