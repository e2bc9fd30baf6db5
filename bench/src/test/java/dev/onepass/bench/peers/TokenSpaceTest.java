// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.datasets.heads.Head;
import dev.onepass.sketch.simd.Floats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TokenSpaceTest {
  private static final Head PAST = Streams.PAST.rows();

  @ParameterizedTest
  @EnumSource
  void coordinatesTellTheToken(TokenSpace.Keys keys) {
    TokenSpace space = new TokenSpace(PAST, keys, 0.5);
    float[] coordinates = space.coordinates(PAST.keys(), PAST.values());
    assertThat(space.keys(coordinates)).containsExactly(PAST.keys(), within(1e-3f));
    assertThat(space.values(coordinates)).containsExactly(PAST.values(), within(1e-3f));
  }

  @Test
  void lengthsOfKeysAreTheirLogitsWithPastQueries() {
    TokenSpace space = new TokenSpace(PAST, TokenSpace.Keys.BY_QUERIES, 0);
    float[] key = {1, -2, 3, 0.5f};
    double square = 0;
    for (int q = 0; q < PAST.rows(); q++) {
      double logit = 0;
      for (int i = 0; i < 4; i++) {
        logit += PAST.queries()[q * 4 + i] * key[i];
      }
      square += logit * logit / PAST.rows();
    }
    assertThat(Floats.squareSum(space.coordinates(key, new float[8]), 0, 4))
        .isCloseTo(square, within(1e-3 * square));
  }

  @Test
  void directionsWithoutVarianceDoNotMatter() {
    // The second coordinate of all rows is the same.
    Metric metric = Metric.ofCovariance(new float[] {1, 5, 2, 5, 3, 5}, 2);
    assertThat(Floats.squareSum(metric.mapped(new float[] {0, 1}), 0, 2)).isLessThan(1e-5);
    assertThat(Floats.squareSum(metric.mapped(new float[] {1, 0}), 0, 2))
        .isCloseTo(2 / 3.0, within(1e-5));
  }
}
