// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireWriter;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/**
 * Checks the invariants of every registered family. A new family is covered once it is registered.
 */
class FamilyPropertiesTest {

  static final int MAX_BYTES = 1 << 18;

  /** The size of sketches whose bytes are damaged one by one. */
  static final int SAMPLE_BYTES = 1 << 12;

  static SketchConfig config(FamilyCase family, long firstRow, int d, int dv) {
    return new SketchConfig(d, dv, MAX_BYTES, 17, family.parametersFrom(firstRow));
  }

  static AttentionSketch folded(FamilyCase family, TokenBlock known, TokenBlock... blocks) {
    return folded(family, 0, known, blocks);
  }

  static AttentionSketch folded(
      FamilyCase family, long firstRow, TokenBlock known, TokenBlock... blocks) {
    SketchConfig config = config(family, firstRow, known.keyDim(), known.valueDim());
    AnchorSets anchors = family.anchors(known.keyDim());
    AttentionSketch sketch = family.family().begin(config, known, anchors);
    for (TokenBlock block : blocks) {
      sketch.update(block);
    }
    return sketch;
  }

  /**
   * Invariant 2. The summed magnitudes are p_j |v_j| with p summing to 1, so at most max|v|; for
   * the logarithm the limit is 1e-5 of the normalizer. For families with fewer bits than floats,
   * the rounding of each of the four folds and merges is allowed.
   */
  @Property(seed = "2", tries = 60, shrinking = ShrinkingMode.OFF)
  void mergingEqualsFolding(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int d,
      @ForAll @IntRange(min = 1, max = 5) int dv,
      @ForAll @IntRange(max = 600) int n,
      @ForAll @IntRange(max = 600) int m) {
    Random random = new Random(seed);
    TokenBlock a = Streams.gaussian(random, n, d, dv, 1);
    TokenBlock b = Streams.gaussian(random, m, d, dv, 1);
    QueryBlock queries = Streams.queries(random, 6, d, 0.7, 1);
    for (FamilyCase family : FamilyCase.all()) {
      AttentionSketch whole = folded(family, a, Streams.concat(a, b));
      AttentionSketch left = folded(family, a, a);
      AttentionSketch right = folded(family, n, a, b);
      byte[] rightBytes = right.toByteArray();
      left.merge(right);
      assertThat(right.toByteArray()).as("the other one is left as it is").isEqualTo(rightBytes);
      assertThat(left.tokenCount()).isEqualTo(whole.tokenCount()).isEqualTo(n + m);
      assertThat(left.stateBytes()).isLessThanOrEqualTo(MAX_BYTES);
      assertThat(bytesOf(left.valueRange(), dv)).isEqualTo(bytesOf(whole.valueRange(), dv));
      if (n + m > 0) {
        double tolerance = 1e-5 + 4 * family.rounding() + family.regrouping();
        assertSameAnswers(left, whole, queries, tolerance * Streams.maxValue(Streams.concat(a, b)));
      }
    }
  }

  /** A sketch that was written and read between two folds equals one that was kept. */
  @Property(seed = "5", tries = 40, shrinking = ShrinkingMode.OFF)
  void aSketchThatWasReadFoldsLikeOneThatWasKept(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int d,
      @ForAll @IntRange(min = 1, max = 5) int dv,
      @ForAll @IntRange(min = 1, max = 300) int n) {
    Random random = new Random(seed);
    QueryBlock queries = Streams.queries(random, 3, d, 0.7, 1);
    for (FamilyCase family : FamilyCase.all()) {
      TokenBlock block = Streams.gaussian(random, n, d, dv, 1);
      AttentionSketch kept = folded(family, block, block);
      kept.settle();
      AttentionSketch read = SketchFamilies.heapify(kept.toByteArray(), family.anchors(d));
      for (int i = 0; i < 5; i++) {
        TokenBlock more = Streams.gaussian(random, 1 + random.nextInt(80), d, dv, 1);
        kept.update(more);
        kept.settle();
        if (i == 2) {
          kept.addTo(new SoftmaxSum(queries.count(), dv), queries);
        }
        read.update(more);
        byte[] bytes = read.toByteArray();
        read = SketchFamilies.heapify(bytes, family.anchors(d));
        assertThat(kept.stateBytes()).isEqualTo(bytes.length);
      }
      assertThat(kept.toByteArray()).as(family.toString()).isEqualTo(read.toByteArray());
    }
  }

  /** Invariant 3: the remaining answer is right to rounding relative to the peak mass. */
  @Property(seed = "3", tries = 60, shrinking = ShrinkingMode.OFF)
  void retractingRestoresTheAnswer(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int d,
      @ForAll @IntRange(min = 1, max = 500) int n,
      @ForAll @IntRange(min = 1, max = 500) int m) {
    Random random = new Random(seed);
    TokenBlock kept = Streams.gaussian(random, n, d, 3, 1);
    TokenBlock retracted = Streams.gaussian(random, m, d, 3, 1);
    TokenBlock both = Streams.concat(kept, retracted);
    QueryBlock queries = Streams.queries(random, 6, d, 0.5, 1);
    for (FamilyCase family : FamilyCase.all()) {
      if (!family.canRetract(config(family, 0, d, 3))) {
        if (family.hasHeavyKeys()) {
          continue; // A heavy key can be taken back even here.
        }
        assertThatThrownBy(() -> folded(family, both, both, Streams.retractions(retracted)))
            .isInstanceOf(UnsupportedOperationException.class);
        continue;
      }
      AttentionSketch sketch = folded(family, both, both, Streams.retractions(retracted));
      assertThat(sketch.tokenCount()).isEqualTo(n);
      if (family.noisy()) {
        // Only the denominator is restored; the noise of the numerator has its own tests.
        double left = 1e-6 * (n + m) / n * Math.exp(4);
        assertSameNormalizers(sketch, folded(family, both, kept), queries, left);
        continue;
      }
      // Logits stay below about 2, so the peak mass is at most (n + m) / n times e^4 of the rest.
      double rounding =
          (1e-6 + 3 * family.rounding()) * (n + m) / n * Math.exp(4) + family.regrouping();
      assertSameAnswers(
          sketch, folded(family, both, kept), queries, rounding * Streams.maxValue(both));
    }
  }

  /** A sketch begins exactly if there is no complaint, and nothing else is thrown. */
  @Property(seed = "5", tries = 200, shrinking = ShrinkingMode.OFF)
  void complaintsSayWhetherASketchBegins(
      @ForAll @IntRange(min = 1, max = 8) int d,
      @ForAll @IntRange(min = 1, max = 8) int dv,
      @ForAll @IntRange(max = 4000) int bytes) {
    TokenBlock nothing = new TokenBlock(d, dv, 0);
    for (FamilyCase family : FamilyCase.all()) {
      SketchConfig config = new SketchConfig(d, dv, bytes, 17, family.parameters());
      Optional<String> complaint = family.family().complaint(config);
      if (complaint.isEmpty()) {
        assertThat(family.family().describe(config)).isNotEmpty();
        AttentionSketch sketch = family.family().begin(config, nothing, family.anchors(d));
        assertThat(sketch.stateBytes()).as(family.toString()).isLessThanOrEqualTo(bytes);
      } else {
        assertThatThrownBy(() -> family.family().begin(config, nothing, family.anchors(d)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(complaint.get());
        assertThat(family.family().querySide(config)).isEmpty();
        assertThat(complaint.get()).doesNotContain("sketch.").doesNotEndWith(".");
      }
    }
  }

  static void assertSameAnswers(
      AttentionSketch sketch, AttentionSketch expected, QueryBlock queries, double tolerance) {
    SoftmaxSum sums = Streams.sums(sketch, queries);
    SoftmaxSum truth = Streams.sums(expected, queries);
    int dv = sketch.valueDim();
    assertThat(Streams.distance(Streams.outputs(sums, dv), Streams.outputs(truth, dv), dv))
        .as(sketch.family().name())
        .isLessThanOrEqualTo(tolerance);
    assertSameNormalizers(sketch, expected, queries, tolerance);
  }

  static void assertSameNormalizers(
      AttentionSketch sketch, AttentionSketch expected, QueryBlock queries, double tolerance) {
    SoftmaxSum sums = Streams.sums(sketch, queries);
    SoftmaxSum truth = Streams.sums(expected, queries);
    for (int q = 0; q < queries.count(); q++) {
      assertThat(sums.logNormalizer(q))
          .as(sketch.family().name())
          .isCloseTo(truth.logNormalizer(q), within(tolerance));
      assertThat(sums.isLost(q)).isFalse();
    }
  }

  /** The first half of invariant 4, and invariant 1 as far as a sketch knows it. */
  @Property(seed = "4", tries = 60, shrinking = ShrinkingMode.OFF)
  void bytesGoToAnEqualSketchAndBack(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 6) int d,
      @ForAll @IntRange(min = 1, max = 5) int dv,
      @ForAll @IntRange(max = 700) int n) {
    Random random = new Random(seed);
    TokenBlock block = Streams.gaussian(random, n, d, dv, 2);
    TokenBlock later = Streams.gaussian(random, 40, d, dv, 2);
    QueryBlock queries = Streams.queries(random, 5, d, 1.5, 0.7);
    for (FamilyCase family : FamilyCase.all()) {
      AttentionSketch sketch = folded(family, block, block);
      byte[] bytes = sketch.toByteArray();
      assertThat(bytes.length).isEqualTo(sketch.stateBytes()).isLessThanOrEqualTo(MAX_BYTES);
      AttentionSketch read = SketchFamilies.heapify(bytes.clone(), family.anchors(d));
      assertThat(read.family()).isSameAs(family.family());
      assertThat(read.tokenCount()).isEqualTo(n);
      assertThat(read.toByteArray()).isEqualTo(bytes);
      assertThat(bits(read, queries)).isEqualTo(bits(sketch, queries));
      sketch.update(later);
      read.update(later);
      assertThat(read.toByteArray()).isEqualTo(sketch.toByteArray());
      assertThat(bits(read, queries)).isEqualTo(bits(sketch, queries));
    }
  }

  static long[] bits(AttentionSketch sketch, QueryBlock queries) {
    SoftmaxSum sums = Streams.sums(sketch, queries);
    double[] outputs = Streams.outputs(sums, sketch.valueDim());
    long[] bits = new long[outputs.length + 2 * queries.count()];
    for (int i = 0; i < outputs.length; i++) {
      bits[i] = Double.doubleToLongBits(outputs[i]);
    }
    for (int q = 0; q < queries.count(); q++) {
      bits[outputs.length + 2 * q] = Double.doubleToLongBits(sums.logNormalizer(q));
      bits[outputs.length + 2 * q + 1] = Double.doubleToLongBits(sums.beyondBound(q));
    }
    return bits;
  }

  static byte[] bytesOf(ValueRange range, int dv) {
    WireWriter out = new WireWriter(ValueRange.bytes(dv));
    range.write(out);
    return out.toByteArray();
  }

  @Property(seed = "41", tries = 20, shrinking = ShrinkingMode.OFF)
  void everyTruncationIsRefused(@ForAll long seed) {
    for (FamilyCase family : FamilyCase.all()) {
      byte[] bytes = sample(family, new Random(seed), 5);
      truncationsAreRefused(bytes, family.anchors(2));
      byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
      assertThatThrownBy(() -> SketchFamilies.heapify(longer, family.anchors(2)))
          .isInstanceOf(CorruptSketchException.class);
    }
  }

  /** Changed bytes are refused, or are a sketch that works. */
  @Property(seed = "42", tries = 1500, shrinking = ShrinkingMode.OFF)
  void mutatedBytesAreRefusedOrWork(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int mutations) {
    Random random = new Random(seed);
    for (FamilyCase family : FamilyCase.all()) {
      byte[] bytes = sample(family, random, random.nextInt(20));
      mutate(bytes, random, mutations, 80);
      refusedOrWorks(bytes, family.anchors(2));
    }
  }

  @Property(seed = "43", tries = 1500, shrinking = ShrinkingMode.OFF)
  void garbageIsRefused(@ForAll long seed, @ForAll @IntRange(max = 400) int length) {
    Random random = new Random(seed);
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    assertThatThrownBy(() -> SketchFamilies.heapify(bytes, AnchorSets.NONE))
        .isInstanceOf(CorruptSketchException.class);
    for (FamilyCase family : FamilyCase.all()) {
      // The same behind a correct beginning.
      byte[] start = {'O', 'P', 1, (byte) family.family().id(), 2, 0, 0, 0, 1, 0, 0, 0};
      System.arraycopy(start, 0, bytes, 0, Math.min(length, start.length));
      refusedOrWorks(bytes, family.anchors(2));
    }
  }

  /** Sets lengths to values that would take gigabytes. */
  @Property(seed = "44", tries = 300, shrinking = ShrinkingMode.OFF)
  void forgedLengthsTakeNoMemory(@ForAll long seed) {
    Random random = new Random(seed);
    int[] forged = {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 8192, 64, 1 << 20, 0};
    for (FamilyCase family : FamilyCase.all()) {
      for (int offset = 4; offset < 44; offset += 4) {
        byte[] bytes = sample(family, random, 10);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(offset, forged[random.nextInt(forged.length)]);
        if (random.nextBoolean()) {
          buffer.putInt(4 + 4 * random.nextInt(10), forged[random.nextInt(forged.length)]);
        }
        refusedOrWorks(bytes, family.anchors(2));
      }
    }
  }

  private static byte[] sample(FamilyCase family, Random random, int n) {
    TokenBlock block = Streams.gaussian(random, n, 2, 1, 1);
    SketchConfig config = new SketchConfig(2, 1, SAMPLE_BYTES, 17, family.parameters());
    AttentionSketch sketch = family.family().begin(config, block, family.anchors(2));
    sketch.update(block);
    return sketch.toByteArray();
  }

  static void truncationsAreRefused(byte[] bytes, AnchorSets anchors) {
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> SketchFamilies.heapify(cut, anchors))
          .isInstanceOf(CorruptSketchException.class);
    }
  }

  /**
   * Changes bytes.
   *
   * @param start length of the beginning, where lengths and kinds stand; half of the changes go
   *     there
   */
  static void mutate(byte[] bytes, Random random, int mutations, int start) {
    for (int i = 0; i < mutations; i++) {
      int range = random.nextBoolean() ? Math.min(start, bytes.length) : bytes.length;
      bytes[random.nextInt(range)] = (byte) random.nextInt(256);
    }
  }

  static void refusedOrWorks(byte[] bytes, AnchorSets anchors) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    AttentionSketch sketch;
    try {
      sketch = SketchFamilies.heapify(bytes, anchors);
    } catch (CorruptSketchException e) {
      sketch = null;
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    // Arrays of the size of the state, tables of 16 bytes per feature, and classes that are loaded.
    assertThat(allocated).isLessThan(16L * bytes.length + (1 << 20));
    if (sketch != null) {
      assertThat(sketch.toByteArray()).hasSize(sketch.stateBytes()).isEqualTo(bytes);
      QueryBlock query = new QueryBlock(new float[sketch.keyDim()], 1, sketch.keyDim(), 1);
      SoftmaxSum sums = Streams.sums(sketch, query);
      if (sketch.tokenCount() > 0) {
        ValueRange range = sketch.valueRange();
        for (int c = 0; c < sketch.valueDim(); c++) {
          assertThat(range.clamp(c, sums.output(0, c))).isFinite();
        }
      }
    }
  }

  /** Magnitudes up to the largest float never lead to NaN or infinity. */
  @Property(seed = "6", tries = 150, shrinking = ShrinkingMode.OFF)
  void hostileMagnitudesLeaveFiniteAnswersInRange(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int d,
      @ForAll @IntRange(min = 1, max = 400) int n) {
    Random random = new Random(seed);
    TokenBlock block = hostile(random, n, d, 2);
    QueryBlock queries = new QueryBlock(hostileFloats(random, 10 * d), 10, d, 1);
    for (FamilyCase family : FamilyCase.all()) {
      TokenBlock known = random.nextBoolean() ? block : block.slice(0, n / 2);
      AttentionSketch sketch = folded(family, known, block);
      sketch = SketchFamilies.heapify(sketch.toByteArray(), family.anchors(d));
      SoftmaxSum sums = Streams.sums(sketch, queries);
      for (int q = 0; q < 10; q++) {
        assertThat(sums.logNormalizer(q)).isFinite();
        assertThat(sums.beyondBound(q)).isBetween(0.0, (double) n);
        for (int c = 0; c < 2; c++) {
          double y = sums.output(q, c);
          assertThat(y).as("%s, query %d", family, q).isFinite();
          // Before clamping, a weighted mean in doubles may leave the range by its rounding.
          float nearest = sketch.valueRange().clamp(c, y);
          assertThat(Math.abs(y - nearest))
              .isLessThanOrEqualTo(1e-6 * Math.abs(y) + Float.MIN_VALUE);
        }
      }
    }
  }

  private static TokenBlock hostile(Random random, int n, int d, int dv) {
    return TokenBlock.of(d, dv, n, hostileFloats(random, n * d), hostileFloats(random, n * dv));
  }

  private static float[] hostileFloats(Random random, int count) {
    float[] special = {
      0,
      -0f,
      1,
      -1,
      Float.MAX_VALUE,
      -Float.MAX_VALUE,
      Float.MIN_VALUE,
      1e30f,
      -1e30f,
      1e-30f,
      (float) 1e15
    };
    int kinds = 1 + random.nextInt(special.length);
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = special[random.nextInt(kinds)];
    }
    return x;
  }
}
