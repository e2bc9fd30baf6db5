// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.heavy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.registry.Streams;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** Arbitrary bytes and numbers. */
class HeavyKeysPropertiesTest {

  private static HeavyKeys sample(Random random, int n) {
    int power = 2 + 2 * random.nextInt(3);
    int room = 1 + random.nextInt(30);
    HeavyKeys heavy =
        new HeavyKeys(2, 1, power, 0.02, (int) HeavyKeys.bytes(2, 1, power, room) + 5);
    heavy.offer(Streams.gaussian(random, n, 2, 1, 1));
    return heavy;
  }

  private static void assertSameBlock(TokenBlock a, TokenBlock b) {
    assertThat(a.count()).isEqualTo(b.count());
    assertThat(Arrays.copyOf(a.keys(), 2 * a.count()))
        .isEqualTo(Arrays.copyOf(b.keys(), 2 * b.count()));
    assertThat(Arrays.copyOf(a.values(), a.count()))
        .isEqualTo(Arrays.copyOf(b.values(), b.count()));
    assertThat(Arrays.copyOf(a.signs(), a.count())).isEqualTo(Arrays.copyOf(b.signs(), b.count()));
  }

  @Property(seed = "71", tries = 100, shrinking = ShrinkingMode.OFF)
  void bytesGoToAnEqualSetAndBack(@ForAll long seed, @ForAll @IntRange(max = 300) int n) {
    Random random = new Random(seed);
    HeavyKeys heavy = sample(random, n);
    byte[] bytes = heavy.toByteArray();
    assertThat(bytes).hasSize(heavy.stateBytes());
    HeavyKeys read = HeavyKeys.heapify(bytes.clone());
    assertThat(read.toByteArray()).isEqualTo(bytes);
    assertThat(read.guaranteedShare()).isEqualTo(heavy.guaranteedShare());
    QueryBlock queries = Streams.queries(random, 3, 2, 2, 1);
    SoftmaxSum ofHeavy = new SoftmaxSum(3, 1);
    heavy.addTo(ofHeavy, queries);
    SoftmaxSum ofRead = new SoftmaxSum(3, 1);
    read.addTo(ofRead, queries);
    assertThat(Streams.outputs(ofRead, 1)).isEqualTo(Streams.outputs(ofHeavy, 1));
    TokenBlock later = Streams.gaussian(random, 50, 2, 1, 3);
    assertSameBlock(read.offer(later), heavy.offer(later));
    assertSameBlock(read.prune(), heavy.prune());
    assertThat(read.toByteArray()).isEqualTo(heavy.toByteArray());
  }

  @Property(seed = "72", tries = 20, shrinking = ShrinkingMode.OFF)
  void everyTruncationIsRefused(@ForAll long seed) {
    byte[] bytes = sample(new Random(seed), 20).toByteArray();
    for (int length = 0; length <= bytes.length + 1; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      if (length != bytes.length) {
        assertThatThrownBy(() -> HeavyKeys.heapify(cut)).isInstanceOf(CorruptSketchException.class);
      }
    }
  }

  @Property(seed = "73", tries = 4000, shrinking = ShrinkingMode.OFF)
  void mutatedBytesAreRefusedOrWork(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int mutations) {
    Random random = new Random(seed);
    byte[] bytes = sample(random, random.nextInt(40)).toByteArray();
    int[] extremes = {0, 1, -1, 127, -128, 64};
    for (int i = 0; i < mutations; i++) {
      int range = random.nextBoolean() ? 40 : bytes.length;
      bytes[random.nextInt(range)] =
          (byte) (random.nextBoolean() ? random.nextInt(256) : extremes[random.nextInt(6)]);
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    HeavyKeys heavy;
    try {
      heavy = HeavyKeys.heapify(bytes);
    } catch (CorruptSketchException e) {
      heavy = null;
    }
    // Arrays of the size of the state, and class loading.
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .isLessThan(16L * bytes.length + (1 << 20));
    if (heavy != null) {
      assertThat(heavy.toByteArray()).isEqualTo(bytes);
      TokenBlock more = Streams.gaussian(random, 60, heavy.keyDim(), heavy.valueDim(), 1);
      long tokens = heavy.tokenCount() + 60;
      long passedOn = (long) heavy.offer(more).count() + heavy.prune().count();
      // Of a forged number of tokens of one key, at most 256 are passed on.
      assertThat(heavy.tokenCount() + passedOn).isBetween(60L, tokens);
      assertThat(heavy.tokens().count()).isLessThanOrEqualTo(heavy.capacity());
      assertThat(heavy.guaranteedShare()).isBetween(0.0, 1.0);
      HeavyKeys.heapify(heavy.toByteArray());
    }
  }

  /**
   * Magnitudes from the smallest to the largest float: no token is lost, all numbers are finite.
   */
  @Property(seed = "74", tries = 400, shrinking = ShrinkingMode.OFF)
  void hostileMagnitudesLoseNothing(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int d,
      @ForAll @IntRange(min = 1, max = 80) int n) {
    Random random = new Random(seed);
    float[] special = {
      0, -0f, 1, Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE, 1e-30f, 1e20f
    };
    float[] keys = new float[n * d];
    float[] values = new float[n];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = special[random.nextInt(special.length)];
    }
    for (int i = 0; i < n; i++) {
      values[i] = special[random.nextInt(special.length)];
    }
    TokenBlock tokens = TokenBlock.of(d, 1, n, keys, values);
    for (int power = 2; power <= 6; power += 2) {
      HeavyKeys heavy = new HeavyKeys(d, 1, power, 0.1, 1 << 16);
      double passedOn = heavy.offer(tokens).mass();
      double[] leverages = heavy.leverages(tokens);
      for (double leverage : leverages) {
        assertThat(leverage).isBetween(0.0, 1.0);
      }
      HeavyKeys read = HeavyKeys.heapify(heavy.toByteArray());
      passedOn += read.prune().mass();
      assertThat(read.tokens().mass() + passedOn).isCloseTo(n, within(1e-4));
      assertThat(read.tokenCount()).isEqualTo(Math.round(read.tokens().mass()));
      if (d == 1 && tokens.keys()[0] == Float.MAX_VALUE && n <= 9) {
        assertThat(read.tokenCount()).as("1 / n of all weight is above eps").isPositive();
      }
    }
  }
}
