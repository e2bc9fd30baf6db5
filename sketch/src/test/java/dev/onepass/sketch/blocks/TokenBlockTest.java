// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.blocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.sketch.registry.Streams;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenBlockTest {

  private static TokenBlock block(float... numbers) {
    TokenBlock block = new TokenBlock(1, 1, 0);
    for (float x : numbers) {
      block.append(new float[] {Math.abs(x)}, new float[] {10 * Math.abs(x)}, Math.signum(x));
    }
    return block;
  }

  private static float[] keys(TokenBlock block) {
    return block.slice(0, block.count()).keys();
  }

  @Test
  void theNewestEqualTokenIsRemoved() {
    TokenBlock block = block(1, 2, 1, 3, -1);
    assertThat(block.removeNewest(new float[] {1}, new float[] {10}, 0)).isTrue();
    assertThat(keys(block)).containsExactly(1, 2, 3, 1);
    assertThat(block.netCount()).isEqualTo(2);
    assertThat(block.removeNewest(new float[] {2}, new float[] {21}, 0)).isFalse();
    assertThat(block.removeNewest(new float[] {1}, new float[] {10}, 0)).isTrue();
    assertThat(keys(block)).containsExactly(2, 3, 1);
    // A retraction is not a token that can be removed.
    assertThat(block.removeNewest(new float[] {1}, new float[] {10}, 0)).isFalse();
  }

  @Test
  void tokensAndRetractionsAreSeparated() {
    TokenBlock block = block(1, -2, 3);
    assertThat(keys(block.only(true))).containsExactly(1, 3);
    assertThat(keys(block.only(false))).containsExactly(2);
    assertThat(block.only(false).retracts()).isTrue();
    TokenBlock whole = block(1, 3);
    assertThat(whole.only(true)).isSameAs(whole);
    assertThat(whole.only(false).count()).isZero();
  }

  @Test
  void slicesAreCopies() {
    TokenBlock block = Streams.gaussian(new Random(1), 9, 3, 2, 1);
    TokenBlock slice = block.slice(4, 6);
    slice.keys()[0] = 77;
    slice.append(new float[3], new float[2], -1);
    assertThat(block.keys()[12]).isNotEqualTo(77);
    assertThat(slice.netCount()).isEqualTo(1);
    assertThat(slice.values()).startsWith(block.values()[8], block.values()[9]);
  }

  @Test
  void shortArraysAndOtherDimensionsAreRefused() {
    // 65 536 rows of 65 536 are 2^32 numbers, which overflow an int.
    assertThatThrownBy(() -> TokenBlock.of(1 << 16, 1, 1 << 16, new float[1], new float[1 << 16]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new QueryBlock(new float[1], 1 << 16, 1 << 16, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> block(1).append(new TokenBlock(2, 1, 0)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> block(1).requireDims(1, 2))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
