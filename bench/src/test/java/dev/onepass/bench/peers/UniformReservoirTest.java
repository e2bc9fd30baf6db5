// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.methods.Method;
import org.junit.jupiter.api.Test;

class UniformReservoirTest {

  @Test
  void sampleIsUniform() {
    // Values are token numbers. The query is zero, so the answer is the mean of the sample.
    double sum = 0;
    for (int seed = 0; seed < 200; seed++) {
      Method.State state = new UniformReservoir().begin(Streams.PLAIN, 16 + 4 * 10, seed);
      for (int j = 0; j < 1_000; j++) {
        state.accept(new float[1], new float[] {j});
      }
      sum += state.answer(Streams.PLAIN.queries(0, 1)).outputs()[0][0] / 200;
    }
    // The mean of 2 000 draws has a deviation of 289 / sqrt(2000) = 6.5.
    assertThat(sum).isBetween(475.0, 525.0);
  }

  /** The error falls with the root of the number of tokens. */
  @Test
  void errorFallsWithTheRootOfTheBytes() {
    double few = 0;
    double many = 0;
    for (int seed = 0; seed < 20; seed++) {
      few += error(16 + 24 * 20, seed);
      many += error(16 + 24 * 320, seed);
    }
    assertThat(few / many).isBetween(3.2, 4.8);
  }

  private static double error(int bytes, int seed) {
    Method.State state = new UniformReservoir().begin(Streams.HEAD, bytes, seed);
    Streams.feed(state, Streams.N);
    return Streams.error(state, Streams.N);
  }
}
