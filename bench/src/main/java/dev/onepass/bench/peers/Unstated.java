// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import dev.onepass.bench.methods.Method.Answered;
import dev.onepass.sketch.blocks.SoftmaxSum;
import java.util.Arrays;

/** Answers without stated errors, as all peers give them. */
final class Unstated {

  private Unstated() {}

  /** Returns the answers of softmax sums, one row for each query. */
  static Answered of(SoftmaxSum sums) {
    float[][] outputs = new float[sums.queries()][sums.valueDim()];
    for (int q = 0; q < outputs.length; q++) {
      for (int c = 0; c < outputs[q].length; c++) {
        outputs[q][c] = (float) sums.output(q, c);
      }
    }
    return of(outputs);
  }

  /** Returns answers, one row for each query. */
  static Answered of(float[][] outputs) {
    float[] errors = new float[outputs.length];
    Arrays.fill(errors, Float.NaN);
    return new Answered(outputs, errors);
  }
}
