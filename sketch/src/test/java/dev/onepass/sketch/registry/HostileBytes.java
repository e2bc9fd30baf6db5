// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;

/** Damages the bytes of a sketch, and asserts that they are refused or are a sketch that works. */
public final class HostileBytes {

  private HostileBytes() {}

  /** Asserts that every beginning of the bytes is refused. */
  public static void assertTruncationsAreRefused(
      byte[] good, Function<byte[], AttentionSketch> read) {
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> read.apply(cut)).isInstanceOf(CorruptSketchException.class);
    }
  }

  /**
   * Changes one to four bytes at a time, reads the result, and uses every sketch that is read.
   *
   * @param times how often
   * @param use asserts that a sketch works; returns whether there was anything to assert
   * @return how often there was something to assert
   */
  public static int useMutations(
      byte[] good,
      int times,
      Random random,
      Function<byte[], AttentionSketch> read,
      Predicate<AttentionSketch> use) {
    int used = 0;
    for (int i = 0; i < times; i++) {
      byte[] bytes = good.clone();
      for (int m = random.nextInt(4); m >= 0; m--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      AttentionSketch sketch;
      try {
        sketch = read.apply(bytes);
      } catch (CorruptSketchException e) {
        continue;
      }
      used += use.test(sketch) ? 1 : 0;
    }
    return used;
  }

  /** Asserts that answers are finite and lie in the range of the values. */
  public static void assertFiniteInRange(AttentionSketch sketch, QueryBlock queries) {
    SoftmaxSum sums = Streams.sums(sketch, queries);
    ValueRange range = sketch.valueRange();
    for (int q = 0; q < queries.count(); q++) {
      assertThat(sums.logNormalizer(q)).isFinite();
      for (int c = 0; c < sketch.valueDim(); c++) {
        double y = sums.output(q, c);
        assertThat(range.clamp(c, y)).isEqualTo((float) y);
      }
    }
  }
}
