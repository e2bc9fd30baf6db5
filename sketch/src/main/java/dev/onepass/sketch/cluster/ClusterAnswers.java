// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.cluster;

/**
 * What clusters answer to several queries.
 *
 * @param outputs queries x dv, row-major, each coordinate within the range of the values
 * @param logNormalizers ln den, one per query
 * @param outputErrors bounds on |output - true output| that are made to hold for 90 % of answers;
 *     empty unless asked for
 * @param logNormalizerErrors the same for |ln den - true ln den|
 */
public record ClusterAnswers(
    float[] outputs, float[] logNormalizers, double[] outputErrors, double[] logNormalizerErrors) {

  /** Allocates answers, with errors if these are stated. */
  ClusterAnswers(int queries, int valueDim, boolean stated) {
    this(
        new float[Math.multiplyExact(queries, valueDim)],
        new float[queries],
        new double[stated ? queries : 0],
        new double[stated ? queries : 0]);
  }
}
