// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import dev.onepass.operators.metrics.HeadMetrics;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.sequence.HeadSpec;
import java.util.function.LongConsumer;

/**
 * A declared head in one subtask.
 *
 * @param spec its settings
 * @param anchors its anchor sets as they are at each moment
 * @param metrics its metrics
 * @param foldNanos counts folds in the metrics
 */
record DeclaredHead(
    HeadSpec spec, AnchorSets anchors, HeadMetrics metrics, LongConsumer foldNanos) {

  DeclaredHead(HeadSpec spec, AnchorSets anchors, HeadMetrics metrics) {
    this(spec, anchors, metrics, metrics::countFold);
  }
}
