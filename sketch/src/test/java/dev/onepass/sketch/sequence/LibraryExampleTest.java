// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.cluster.ClusterFamily;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The library without a stream processor, as its documentation shows it. */
class LibraryExampleTest {

  @Test
  void tokensInAnswersOut() {
    Random random = new Random(1);
    float[][] keys = vectors(random, 2000);
    float[][] values = vectors(random, 2000);
    QueryBlock queries = new QueryBlock(new float[64], 2, 32, 1 / Math.sqrt(32));

    HeadSpec head =
        new HeadSpec(
            "head", 32, 32, 1 / Math.sqrt(32), 65_536, 0, ClusterFamily.INSTANCE, 1, Map.of());
    HeapStore store = new HeapStore();
    try (Sequence sequence = Sequence.open(head, store)) {
      for (int position = 0; position < keys.length; position++) {
        sequence.accept(position, keys[position], values[position]);
      }
    }
    try (Sequence sequence = Sequence.open(head, store)) {
      Answers answers = sequence.answer(queries);
      assertThat(answers.outputs()).hasDimensions(2, 32);
      assertThat(sequence.tokens()).isEqualTo(2000);
    }
  }

  private static float[][] vectors(Random random, int count) {
    float[][] vectors = new float[count][32];
    for (float[] vector : vectors) {
      for (int c = 0; c < vector.length; c++) {
        vector[c] = (float) random.nextGaussian();
      }
    }
    return vectors;
  }
}
