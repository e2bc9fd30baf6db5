// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.flat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.bench.flat.FlatTimes.Point;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class FlatTimesTest {

  private static final int DIM = 8;
  private static final int STATE = 8 << 10;

  @Test
  @Timeout(60)
  void stateStaysWithinItsBytes() throws IOException {
    List<Point> points = new FlatTimes(DIM, STATE, 10_000).measure(10_000);
    assertThat(points).hasSize(1);
    assertThat(points.get(0).stateBytes()).isBetween(4L << 10, 8L << 10);
    assertThat(points.get(0).diskBytes()).isBetween(4L << 10, 16L << 10);
    assertThat(points.get(0).micros()).isPositive();
    assertThat(points.get(0).allocated()).isPositive();
  }
}
