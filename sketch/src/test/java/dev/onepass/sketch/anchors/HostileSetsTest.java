// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.onepass.sketch.anchored.Interpolation;
import dev.onepass.sketch.anchors.kriging.EmbeddedQueries;
import dev.onepass.sketch.anchors.kriging.Kernel;
import dev.onepass.sketch.anchors.kriging.QuerySpace;
import dev.onepass.sketch.anchors.kriging.SetSizes;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Well-formed sets that are meant to do harm: readers refuse them, or they work. */
class HostileSetsTest {

  private static final long MIB = 1 << 20;

  private static final Kernel USUAL = new Kernel(4, 0.1, 1e-6);

  /** Returns the bytes of a set of these sizes whose floats are all 0. */
  private static byte[] bytes(int keyDim, int dim, int centres, int anchors, int kernels) {
    long floats =
        (long) centres * (keyDim + 2 + dim)
            + (long) keyDim * keyDim
            + (long) keyDim * dim
            + (long) anchors * keyDim;
    int size = Math.toIntExact(28 + 24L * kernels + 16 + 4 * floats);
    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    out.put((byte) 'O').put((byte) 'A').putShort((short) 2);
    out.putInt(1).putInt(keyDim).putInt(anchors).putDouble(0).putInt(kernels);
    for (int k = 0; k < kernels; k++) {
      out.putDouble(4).putDouble(0.1).putDouble(1e-6);
    }
    out.putInt(dim).putInt(centres).putDouble(1);
    return out.array();
  }

  private static void isRefusedAtOnce(byte[] bytes, String why) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(() -> AnchorSet.fromByteArray(bytes))
        .isInstanceOf(CorruptSketchException.class)
        .hasMessageContaining(why);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(8 * MIB);
  }

  @Test
  void refusesTooManyCentres() {
    byte[] bytes = bytes(8, 1, 1 << 16, 1 << 16, 1);
    assertThat(bytes.length).isBetween((int) (4 * MIB), (int) (6 * MIB));
    isRefusedAtOnce(bytes, "centres: expected 1 to 4096, got 65536");
  }

  @Test
  void refusesSetsThatWouldTakeTooMuchMemory() {
    isRefusedAtOnce(bytes(1, 1, 4096, 1 << 16, 1), "65536 anchors, 4096 centres");
    isRefusedAtOnce(bytes(1, 1, 4096, 1 << 16, 1), "MiB of memory, but the limit is 256 MiB");
    isRefusedAtOnce(
        bytes(64, 128, 4000, 1 << 15, 16), "make the set with fewer anchors or centres");
    isRefusedAtOnce(bytes(2048, 4096, 1, 8192, 1), "4096 coordinates for keys of 2048 numbers");
  }

  @Test
  void refusesHugeAxesBeforeAllocating() {
    byte[] bytes = Arrays.copyOf(bytes(8, 8, 1, 1, 1), 1000);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(8, 8192).putInt(52, 16_384);
    isRefusedAtOnce(bytes, "MiB of memory");
  }

  @Test
  void countsSizesBeyondTheRangeOfInt() {
    SetSizes most = new SetSizes(8192, 16_384, 1 << 16, 1 << 16, 16);
    assertThat(most.bytes()).isGreaterThan(17L << 30);
    assertThat(most.areBounded()).isFalse();
    assertThat(new SetSizes(128, 192, 192, 8192, 16).areBounded()).isTrue();
    assertThat(new SetSizes(1024, 1536, 192, 4096, 16).areBounded()).isTrue();
  }

  @Test
  void aSetTakesNoMoreMemoryThanItsSizesSay() throws InterruptedException {
    AnchorSet set = AnchorSet.fromByteArray(TestSets.inABall(7).toByteArray());
    set.prepare(set.count());
    QuerySpace space = set.space();
    SetSizes sizes =
        new SetSizes(7, space.dim(), space.centreCount(), set.count(), set.kernelCount());
    assertThat(set.sharedBytes()).isLessThanOrEqualTo(sizes.bytes());
  }

  private static AnchorSet degenerate(List<Kernel> kernels, float[] anchors, QuerySpace space) {
    AnchorSet set = new AnchorSet(1, space.keyDim(), 0, kernels, space, anchors);
    AnchorSet read = AnchorSet.fromByteArray(set.toByteArray());
    read.tryOut();
    return read;
  }

  private static void works(AnchorSet set) {
    Random random = new Random(4);
    int count = set.count();
    int d = set.keyDim();
    double[] known = new double[count * 3];
    Arrays.setAll(known, i -> random.nextGaussian());
    int kernel = set.kernelTrial(count).best(known, 3, 2).kernel();
    QueryBlock queries = new QueryBlock(TestSets.normal(random, 5 * d, 1), 5, d, 1);
    Interpolation.Estimates estimates = new Interpolation(set, kernel, count, known, 3).at(queries);
    for (int q = 0; q < 5; q++) {
      for (int c = 0; c < 3; c++) {
        assertThat(estimates.column(q, c)).isFinite();
      }
      assertThat(estimates.outputError(q)).isNotNegative();
    }
  }

  private static QuerySpace space(int d, int dim, int m, float axes, float spread, double scale) {
    float[] spreads = new float[m];
    Arrays.fill(spreads, spread);
    float[] queryAxes = new float[d * dim];
    Arrays.fill(queryAxes, axes);
    float[] keyAxes = new float[m * dim];
    Arrays.fill(keyAxes, axes);
    return new QuerySpace(
        d,
        dim,
        new float[m * d],
        new float[m],
        spreads,
        new float[d * d],
        queryAxes,
        keyAxes,
        scale);
  }

  /** A space with a single point, equal anchors, and parameters at the ends of their ranges. */
  @Test
  @Timeout(60)
  void degenerateSetsWork() {
    Kernel[] kernels = {
      USUAL, new Kernel(1e-6, 1e6, 1e-12), new Kernel(1e6, 0, 1e-12), new Kernel(1e6, 1e6, 1e6)
    };
    float[] equal = new float[200 * 3];
    Arrays.fill(equal, 0.5f);
    float[] far = TestSets.normal(new Random(2), 200 * 3, 1e18);
    far[7] = Float.MAX_VALUE;
    far[8] = -Float.MAX_VALUE;
    for (Kernel kernel : kernels) {
      for (float[] anchors : new float[][] {equal, far}) {
        works(degenerate(List.of(kernel), anchors, space(3, 2, 4, 0, 0, 1)));
        works(degenerate(List.of(kernel), anchors, space(3, 6, 4, 1e30f, 1e30f, 1e9)));
        works(degenerate(List.of(kernel), anchors, TestSets.inABall(3).space()));
      }
    }
    works(degenerate(Collections.nCopies(16, USUAL), equal, space(3, 6, 1, 0, 0, 1e9)));
  }

  @Test
  void refusesKernelsThatCannotBeFactored() {
    AnchorSet ball = TestSets.inABall(3);
    Kernel[] hopeless = {
      new Kernel(1, 1e308, 1e-6), new Kernel(Double.NaN, 0, 1e-6), new Kernel(1, 0, Double.NaN)
    };
    for (Kernel kernel : hopeless) {
      AnchorSet set =
          new AnchorSet(1, 3, 0, List.of(USUAL, kernel), space(3, 2, 4, 0, 0, 1e9), ball.anchors());
      assertThatThrownBy(set::tryOut)
          .isInstanceOf(CorruptSketchException.class)
          .hasMessage("kernel 1: the covariance of the anchors cannot be factored");
    }
  }

  @Test
  void embeddingInBlocksGivesTheSameBits() {
    QuerySpace space = TestSets.inABall(7).space();
    int n = 1001;
    float[] rows = TestSets.ball(new Random(3), n, 7, 1);
    EmbeddedQueries many = EmbeddedQueries.of(space, rows, n, 1);
    EmbeddedQueries atOnce = new EmbeddedQueries(space, n);
    atOnce.embed(new QueryBlock(rows, n, 7, 1), 0, n);
    assertThat(many.count()).isEqualTo(n);
    assertThat(many.x()).isEqualTo(atOnce.x());
    assertThat(many.attention()).isEqualTo(atOnce.attention());
    IntStream.range(0, n)
        .forEach(i -> assertThat(many.logNormalizer(i)).isEqualTo(atOnce.logNormalizer(i)));
  }
}
