// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.cluster;

/**
 * What clusters answer to several queries.
 *
 * @param outputs queries x dv, row-major, each coordinate within the range of the values
 * @param logNormalizers ln den, one per query
 */
public record ClusterAnswers(float[] outputs, float[] logNormalizers) {

  /** Allocates answers. */
  ClusterAnswers(int queries, int valueDim) {
    this(new float[Math.multiplyExact(queries, valueDim)], new float[queries]);
  }
}
