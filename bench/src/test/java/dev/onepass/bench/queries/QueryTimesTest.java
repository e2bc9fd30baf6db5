// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.queries;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class QueryTimesTest {

  private static final int DIM = 8;
  private static final int STATE = 8 << 10;

  @Test
  @Timeout(60)
  void sketchAndHistoryAnswerTheSameQuery() throws IOException {
    try (QueryTimes times = new QueryTimes(DIM, STATE, 2_000)) {
      for (long i = 0; i < 5; i++) {
        assertThat(times.difference(i)).isLessThan(0.5);
      }
      QueryTimes.Micros micros = times.measure(5, 10);
      assertThat(micros.sketch()).isPositive();
      assertThat(micros.exact()).isPositive();
      assertThat(micros.candidates()).isPositive();
    }
  }

  /** Both answers are exact if the sequence still keeps all tokens. */
  @Test
  @Timeout(60)
  void bothAnswersAreExactInExactMode() throws IOException {
    try (QueryTimes times = new QueryTimes(DIM, STATE, 100)) {
      assertThat(times.difference(3)).isLessThan(1e-5);
    }
  }
}
