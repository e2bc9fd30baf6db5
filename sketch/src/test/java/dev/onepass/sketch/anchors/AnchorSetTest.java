// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.onepass.sketch.anchored.Interpolation;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AnchorSetTest {

  private static final AnchorSet SET = TestSets.inABall(2);

  @Test
  void readsWhatItWrote() {
    for (int d : new int[] {1, 2, 7}) {
      AnchorSet set = TestSets.withClusterShare(TestSets.inABall(d), 0.25);
      byte[] bytes = set.toByteArray();
      AnchorSet read = AnchorSet.fromByteArray(bytes);
      assertThat(read.toByteArray()).isEqualTo(bytes);
      assertThat(read.version()).isEqualTo(1);
      assertThat(read.keyDim()).isEqualTo(d);
      assertThat(read.count()).isEqualTo(set.count());
      assertThat(read.clusterShare()).isEqualTo(0.25);
      assertThat(read.kernels()).isEqualTo(set.kernels());
      assertThat(read.anchors()).isEqualTo(set.anchors());
      assertThat(read.embeddedAnchors().x()).isEqualTo(set.embeddedAnchors().x());
      assertThat(read.embeddedAnchors().attention()).isEqualTo(set.embeddedAnchors().attention());
      assertThat(read.guess(3)).isEqualTo(set.guess(3));
    }
  }

  @Test
  void anotherVersionHasTheSameContent() {
    AnchorSet other = SET.withVersion(9);
    assertThat(other.version()).isEqualTo(9);
    assertThat(SET.version()).isEqualTo(1);
    assertThat(other.toByteArray()).isNotEqualTo(SET.toByteArray());
    assertThat(other.withVersion(1).toByteArray()).isEqualTo(SET.toByteArray());
    assertThat(TestSets.withClusterShare(SET, 0.5).toByteArray()).isNotEqualTo(SET.toByteArray());
    assertThat(other.kriging(0, 20)).as("computed once").isSameAs(SET.kriging(0, 20));
  }

  @Test
  void sharedBytesIncludeDerivedResults() {
    AnchorSet set = AnchorSet.fromByteArray(SET.toByteArray());
    long fresh = set.sharedBytes();
    assertThat(fresh).isBetween(4L * 2 * set.count(), (long) set.toByteArray().length);
    set.kriging(0, 40);
    long factored = set.sharedBytes();
    assertThat(factored).isGreaterThanOrEqualTo(fresh + 8L * 40 * 41 / 2);
    set.kernelTrial(40);
    assertThat(set.sharedBytes()).isGreaterThan(factored);
  }

  @Test
  void refusesUnknownKernelsAndAnchors() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SET.kriging(0, SET.count() + 1))
        .withMessageEndingWith("anchors must be 1 to 48, got 49");
    assertThatIllegalArgumentException().isThrownBy(() -> SET.kriging(0, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SET.kriging(SET.kernelCount(), 20))
        .withMessageContaining("kernel");
  }

  @Test
  void refusesEveryTruncation() {
    byte[] bytes = SET.toByteArray();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> AnchorSet.fromByteArray(cut))
          .isInstanceOf(CorruptSketchException.class);
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThatThrownBy(() -> AnchorSet.fromByteArray(longer))
        .isInstanceOf(CorruptSketchException.class);
  }

  /** Readers refuse changed bytes, or the set works. */
  @Property(seed = "21", tries = 1500, shrinking = ShrinkingMode.OFF)
  void mutatedBytesAreRefusedOrWork(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int mutations) {
    Random random = new Random(seed);
    byte[] bytes = SET.toByteArray();
    for (int i = 0; i < mutations; i++) {
      int range = random.nextBoolean() ? 160 : bytes.length;
      bytes[random.nextInt(range)] = (byte) random.nextInt(256);
    }
    refusedOrWorks(bytes, random);
  }

  /** Sets integers and floats to extremes, or to sizes that would need gigabytes. */
  @Property(seed = "22", tries = 1500, shrinking = ShrinkingMode.OFF)
  void forgedNumbersAreRefusedOrWork(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] bytes = SET.toByteArray();
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int[] forged = {Integer.MAX_VALUE, -1, 8192, 1 << 16, 0, 1};
    float[] large = {Float.MAX_VALUE, -Float.MAX_VALUE, 1e30f, -1e30f, Float.MIN_VALUE, -1};
    for (int i = random.nextInt(3); i >= 0; i--) {
      if (random.nextBoolean()) {
        buffer.putInt(4 + 4 * random.nextInt(40), forged[random.nextInt(forged.length)]);
      } else {
        buffer.putFloat(
            36 + 4 * random.nextInt(bytes.length / 4 - 9), large[random.nextInt(large.length)]);
      }
    }
    refusedOrWorks(bytes, random);
  }

  /** Sets each number of the header and of the kernels to an extreme. */
  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void forgedDoublesAreRefusedOrWork() {
    double[] extremes = {
      Double.MIN_VALUE, 1e-300, 1e-30, 1e30, 1e300, Double.MAX_VALUE, -1, 0, Double.NaN
    };
    int spaceScale = 40 + 24 * SET.kernels().size() + 8;
    for (int offset = 16; offset <= spaceScale; offset += 4) {
      for (double extreme : extremes) {
        byte[] bytes = SET.toByteArray();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putDouble(offset, extreme);
        refusedOrWorks(bytes, new Random(offset));
      }
    }
  }

  private static void refusedOrWorks(byte[] bytes, Random random) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    AnchorSet set;
    try {
      set = AnchorSet.fromByteArray(bytes);
    } catch (CorruptSketchException e) {
      set = null;
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .isLessThan(8L * bytes.length + (1 << 20));
    if (set == null) {
      return;
    }
    assertThat(set.toByteArray()).isEqualTo(bytes);
    int count = Math.min(set.count(), 20);
    double[] known = new double[count * 2];
    Arrays.setAll(known, i -> random.nextGaussian());
    Interpolation interpolation = new Interpolation(set, 0, count, known, 2);
    QueryBlock queries =
        new QueryBlock(TestSets.normal(random, 3 * set.keyDim(), 1), 3, set.keyDim(), 1);
    Interpolation.Estimates estimates = interpolation.at(queries);
    for (int q = 0; q < 3; q++) {
      assertThat(estimates.column(q, 0)).isNotNaN();
      assertThat(estimates.column(q, 1)).isNotNaN();
      assertThat(estimates.outputError(q)).isGreaterThanOrEqualTo(0);
      assertThat(estimates.logDenError(q)).isGreaterThanOrEqualTo(0);
    }
  }
}
