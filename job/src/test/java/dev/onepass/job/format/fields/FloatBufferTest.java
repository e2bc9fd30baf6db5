// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.format.fields;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FloatBufferTest {

  @Test
  void aLargeArrayIsReleased() {
    FloatBuffer buffer = new FloatBuffer();
    for (int i = 0; i < 300_000; i++) {
      buffer.add(i);
    }
    assertThat(buffer.toArray()).hasSize(300_000).endsWith(299_999f);
    buffer.clear();
    assertThat(buffer.capacity()).isLessThan(1_000);
    assertThat(buffer.toArray()).isEmpty();
  }
}
