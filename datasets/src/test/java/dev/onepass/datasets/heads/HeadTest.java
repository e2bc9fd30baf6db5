// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.heads;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeadTest {
  @Test
  void someRowsKeepTheirVectors() {
    float[] queries = {1, 2, 3, 4, 5, 6};
    float[] keys = {7, 8, 9, 10, 11, 12};
    Head head = new Head("H", 3, 2, 1, queries, keys, new float[] {13, 14, 15}, 0.5);

    Head some = head.only(new int[] {2, 0});

    assertThat(some.name()).isEqualTo("H");
    assertThat(some.rows()).isEqualTo(2);
    assertThat(some.queries()).containsExactly(5, 6, 1, 2);
    assertThat(some.keys()).containsExactly(11, 12, 7, 8);
    assertThat(some.values()).containsExactly(15, 13);
    assertThat(some.scale()).isEqualTo(0.5);
  }
}
