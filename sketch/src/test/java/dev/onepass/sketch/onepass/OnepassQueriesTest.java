// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.QuerySide;
import dev.onepass.sketch.api.QuerySketch;
import dev.onepass.sketch.api.Recovery;
import dev.onepass.sketch.api.RecoveryRefusedException;
import dev.onepass.sketch.api.SketchConfig;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.registry.Streams;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OnepassQueriesTest {

  private static final int D = 2;
  private static final int DV = 2;

  private final Random random = new Random(12);

  private static SketchConfig config(Form form, int bytes) {
    return new SketchConfig(
        D, DV, bytes, 9, Map.of(OnepassFamily.FORM, form.label(), OnepassFamily.RECOVER_K, "4"));
  }

  private static QuerySide side(Form form, int bytes) {
    return OnepassFamily.INSTANCE.querySide(config(form, bytes)).orElseThrow();
  }

  private static AttentionSketch tokens(Form form, int bytes, Random random) {
    TokenBlock block = Streams.gaussian(random, 200, D, DV, 1);
    AttentionSketch tokens =
        OnepassFamily.INSTANCE.begin(config(form, bytes), block, AnchorSets.NONE);
    tokens.update(block);
    return tokens;
  }

  private static float[][] answers(AttentionSketch tokens, QueryBlock queries) {
    double[] flat = Streams.outputs(Streams.sums(tokens, queries), DV);
    float[][] outputs = new float[queries.count()][DV];
    for (int i = 0; i < flat.length; i++) {
      outputs[i / DV][i % DV] = (float) flat[i];
    }
    return outputs;
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void onlyFormsThatSketchTheAnswersTakeTokensAfterQueries(Form form) {
    QuerySide side = side(form, 1 << 17);
    assertThat(side.closesTokens()).isEqualTo(form == Form.PAPER || form == Form.MOMENTS);
    assertThat(side.begin().closesTokens()).isEqualTo(side.closesTokens());
    assertThat(side.begin().rows()).isZero();
    assertThat(side.begin().nextRow()).isZero();
  }

  /** All forms sketch the same Y: Z agrees with Phi of the answers to float rounding. */
  @ParameterizedTest
  @EnumSource(Form.class)
  void everyFormDecodesToTheSketchOfTheAnswers(Form form) {
    assertDecodes(form, tokens(form, 1 << 18, random));
  }

  /** Y is a quotient, so the exponent that the sums of tokens are relative to cancels. */
  @ParameterizedTest
  @EnumSource(Form.class)
  void weightsAreInTheDecodedAnswers(Form form) {
    AttentionSketch tokens = tokens(form, 1 << 18, random);
    TokenBlock more = Streams.biased(random, Streams.ball(random, 300, D, DV, 1), 5);
    tokens.update(Streams.raised(more, 1000));
    tokens.update(Streams.raised(more, 990));
    assertDecodes(form, tokens);
  }

  private void assertDecodes(Form form, AttentionSketch tokens) {
    QueryBlock asked = Streams.queries(random, 30, D, 0.5, 1);
    float[][] outputs = answers(tokens, asked);
    OnepassQueries queries = (OnepassQueries) side(form, 1 << 18).begin();
    queries.add(0, asked, outputs, tokens);
    double[][] z = queries.sketchedOutputs(tokens);
    Phi phi = queries.phi();
    int count = phi.shape().rows() + phi.shape().groupRows();
    double[][] expected = new double[DV][(int) phi.shape().cells()];
    int[] cells = new int[count];
    double[] weights = new double[count];
    for (int q = 0; q < 30; q++) {
      phi.column(q, cells, weights);
      for (int r = 0; r < count; r++) {
        for (int c = 0; c < DV; c++) {
          expected[c][cells[r]] += weights[r] * outputs[q][c];
        }
      }
    }
    for (int c = 0; c < DV; c++) {
      for (int i = 0; i < z[c].length; i++) {
        assertThat(z[c][i]).isCloseTo(expected[c][i], within(1e-4));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void partsOfTheRowsMergeToTheWhole(Form form) {
    AttentionSketch tokens = tokens(form, 1 << 18, random);
    QueryBlock first = Streams.queries(random, 10, D, 0.5, 1);
    QueryBlock second = Streams.queries(random, 7, D, 0.5, 1);
    QuerySketch whole = side(form, 1 << 18).begin();
    whole.add(0, first, answers(tokens, first), tokens);
    whole.add(10, second, answers(tokens, second), tokens);
    QuerySketch left = side(form, 1 << 18).begin();
    left.add(0, first, answers(tokens, first), tokens);
    QuerySketch right = side(form, 1 << 18).begin();
    right.add(10, second, answers(tokens, second), tokens);
    byte[] before = right.toByteArray();
    left.merge(right);
    assertThat(right.toByteArray()).isEqualTo(before);
    assertThat(left.rows()).isEqualTo(17);
    assertThat(left.nextRow()).isEqualTo(17);
    double[][] z = ((OnepassQueries) left).sketchedOutputs(tokens);
    double[][] expected = ((OnepassQueries) whole).sketchedOutputs(tokens);
    for (int c = 0; c < DV; c++) {
      for (int i = 0; i < z[c].length; i++) {
        assertThat(z[c][i]).isCloseTo(expected[c][i], within(1e-5));
      }
    }
    byte[] unchanged = left.toByteArray();
    assertThatThrownBy(() -> left.merge(right)).isInstanceOf(IncompatibleSketchException.class);
    assertThat(left.toByteArray()).isEqualTo(unchanged);
  }

  @Test
  void refusedAdditionsChangeNothing() {
    AttentionSketch tokens = tokens(Form.MOMENTS, 1 << 18, random);
    AttentionSketch other = tokens(Form.PAPER, 1 << 18, random);
    QueryBlock asked = Streams.queries(random, 3, D, 0.5, 1);
    QuerySketch moments = side(Form.MOMENTS, 1 << 18).begin();
    moments.add(0, asked, null, tokens);
    byte[] before = moments.toByteArray();
    AttentionSketch exact =
        ExactFamily.INSTANCE.begin(
            config(Form.PAPER, 4096), new TokenBlock(D, DV, 0), AnchorSets.NONE);
    for (AttentionSketch wrong : new AttentionSketch[] {other, exact, null}) {
      assertThatThrownBy(() -> moments.add(5, asked, null, wrong))
          .isInstanceOf(IncompatibleSketchException.class)
          .hasMessageContaining("one-pass");
    }
    assertThatThrownBy(() -> moments.add(2, asked, null, tokens))
        .isInstanceOf(IncompatibleSketchException.class);
    assertThatThrownBy(() -> moments.add(-1, asked, null, tokens))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> moments.add(5, Streams.queries(random, 1, 3, 1, 1), null, tokens))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> moments.recover(tokens, 5))
        .isInstanceOf(RecoveryRefusedException.class)
        .hasMessageContaining("onepass.recover-k");
    assertThatThrownBy(() -> moments.recover(tokens, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 1");
    assertThatThrownBy(() -> moments.merge(side(Form.OUTPUTS, 1 << 18).begin()))
        .isInstanceOf(IncompatibleSketchException.class);
    assertThat(moments.toByteArray()).isEqualTo(before);
    QuerySketch outputs = side(Form.OUTPUTS, 1 << 18).begin();
    assertThatThrownBy(() -> outputs.add(0, asked, new float[3][DV + 1], null))
        .isInstanceOf(IllegalArgumentException.class);
    for (float[][] wrong : new float[][][] {null, new float[2][DV]}) {
      assertThatThrownBy(() -> outputs.add(0, asked, wrong, null))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(outputs.rows()).isZero();
  }

  @Test
  void tokenAndQuerySketchesAreNotReadAsEachOther() {
    byte[] tokens = tokens(Form.OUTPUTS, 1 << 14, random).toByteArray();
    byte[] queries = side(Form.OUTPUTS, 1 << 14).begin().toByteArray();
    assertThatThrownBy(() -> SketchFamilies.heapify(queries, AnchorSets.NONE))
        .isInstanceOf(CorruptSketchException.class);
    assertThatThrownBy(() -> SketchFamilies.heapifyQueries(tokens))
        .isInstanceOf(CorruptSketchException.class);
    byte[] ofAnother = queries.clone();
    ofAnother[3] = (byte) 0x81;
    assertThatThrownBy(() -> SketchFamilies.heapifyQueries(ofAnother))
        .isInstanceOf(CorruptSketchException.class);
  }

  private static byte[] sample(Form form, Random random, int count) {
    int bytes = form == Form.OUTPUTS ? 1 << 13 : 1 << 14;
    AttentionSketch tokens = tokens(form, bytes, random);
    QuerySketch queries = side(form, bytes).begin();
    QueryBlock asked = Streams.queries(random, count, D, 1, 1);
    queries.add(random.nextInt(300), asked, answers(tokens, asked), tokens);
    return queries.toByteArray();
  }

  @Property(seed = "4", tries = 60, shrinking = ShrinkingMode.OFF)
  void bytesGoToAnEqualSketchAndBack(@ForAll long seed, @ForAll Form form) {
    Random random = new Random(seed);
    AttentionSketch tokens = tokens(form, 1 << 15, random);
    QuerySketch queries = side(form, 1 << 15).begin();
    QueryBlock asked = Streams.queries(random, 40, D, 1, 1);
    queries.add(3, asked, answers(tokens, asked), tokens);
    QuerySketch read = SketchFamilies.heapifyQueries(queries.toByteArray());
    read.add(50, asked, answers(tokens, asked), tokens);
    queries.add(50, asked, answers(tokens, asked), tokens);
    assertThat(read.toByteArray()).isEqualTo(queries.toByteArray());
    assertThat(read.rows()).isEqualTo(80);
    assertThat(read.nextRow()).isEqualTo(90);
    Recovery expected = queries.recover(tokens, queries.largestK());
    Recovery actual = read.recover(tokens, read.largestK());
    for (int c = 0; c < DV; c++) {
      assertThat(actual.columns().get(c).rows()).isEqualTo(expected.columns().get(c).rows());
      assertThat(actual.columns().get(c).values()).isEqualTo(expected.columns().get(c).values());
      assertThat(actual.columns().get(c).tail()).isEqualTo(expected.columns().get(c).tail());
    }
    assertThat(read.toByteArray()).as("recovery changes nothing").isEqualTo(queries.toByteArray());
  }

  @Property(seed = "41", tries = 6, shrinking = ShrinkingMode.OFF)
  void everyTruncationIsRefused(@ForAll long seed, @ForAll Form form) {
    byte[] bytes = sample(form, new Random(seed), 5);
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> SketchFamilies.heapifyQueries(cut))
          .isInstanceOf(CorruptSketchException.class);
    }
  }

  /** Changed bytes are refused, or are a sketch that works. */
  @Property(seed = "42", tries = 1000, shrinking = ShrinkingMode.OFF)
  void mutatedBytesAreRefusedOrWork(
      @ForAll long seed, @ForAll Form form, @ForAll @IntRange(min = 1, max = 8) int mutations) {
    Random random = new Random(seed);
    byte[] bytes = sample(form, random, 3);
    for (int i = 0; i < mutations; i++) {
      int range = random.nextInt(4) > 0 ? 76 : bytes.length;
      bytes[random.nextInt(range)] = (byte) random.nextInt(256);
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    QuerySketch sketch;
    try {
      sketch = SketchFamilies.heapifyQueries(bytes);
    } catch (CorruptSketchException e) {
      sketch = null;
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .isLessThan(16L * bytes.length + (1 << 20));
    if (sketch != null) {
      assertThat(sketch.toByteArray()).isEqualTo(bytes);
      if (form == Form.OUTPUTS && sketch.rows() < 100 && !sketch.closesTokens()) {
        Recovery recovery = sketch.recover(null, sketch.largestK());
        for (Recovery.Column column : recovery.columns()) {
          assertThat(column.tail()).isFinite().isNotNegative();
        }
      }
    }
  }

  @Test
  void numbersOfAnySizeLeaveFiniteEntries() {
    float[] special = {0, Float.MAX_VALUE, -Float.MAX_VALUE, 1e30f, 1, Float.MIN_VALUE};
    for (Form form : Form.values()) {
      TokenBlock block = new TokenBlock(D, DV, 0);
      for (int j = 0; j < 200; j++) {
        float[] key = {special[random.nextInt(6)], special[random.nextInt(6)]};
        block.append(key, new float[] {special[random.nextInt(6)], 1}, 1);
      }
      AttentionSketch tokens =
          OnepassFamily.INSTANCE.begin(config(form, 1 << 17), block, AnchorSets.NONE);
      tokens.update(block);
      float[] vectors = new float[100];
      for (int i = 0; i < 100; i++) {
        vectors[i] = special[random.nextInt(6)];
      }
      QueryBlock asked = new QueryBlock(vectors, 50, D, 1);
      QuerySketch queries = side(form, 1 << 17).begin();
      queries.add(0, asked, answers(tokens, asked), tokens);
      queries = SketchFamilies.heapifyQueries(queries.toByteArray());
      for (Recovery.Column column : queries.recover(tokens, queries.largestK()).columns()) {
        assertThat(column.norm()).isNotNegative().isFinite();
        assertThat(column.tail()).isNotNegative().isFinite();
        for (float value : column.values()) {
          assertThat(value).isFinite();
        }
      }
    }
  }
}
