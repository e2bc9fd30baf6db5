// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.blocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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

  /** Bytes must not depend on tokens that have left a block. */
  @Test
  void aBlockWithoutBiasesLeftIsNotBiased() {
    TokenBlock block = new TokenBlock(1, 1, 0);
    block.append(new Token(new float[] {1}, new float[] {2}, 1, 3, 0));
    block.append(new float[] {4}, new float[] {5}, 1);
    assertThat(block.isBiased()).isTrue();
    assertThat(block.slice(0, 1).isBiased()).isTrue();
    assertThat(block.slice(1, 2).isBiased()).isFalse();
    assertThat(block.removeNewest(new float[] {1}, new float[] {2}, 3)).isTrue();
    assertThat(block.isBiased()).isFalse();
  }

  @Test
  void tokensMayBeAppendedToAWeightedBlock() {
    TokenBlock block = new TokenBlock(1, 1, 8);
    block.append(new Token(new float[] {1}, new float[] {2}, 1, 3, 0));
    TokenBlock weighted = block.withExponent(10);
    weighted.append(new Token(new float[] {4}, new float[] {5}, -1, 2, 0));
    assertThat(weighted.weight(0)).isCloseTo(Math.exp(3) / 1024, within(1e-6));
    assertThat(weighted.weight(1)).isEqualTo(-Math.exp(2));
    assertThat(block.count()).isEqualTo(1);
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
