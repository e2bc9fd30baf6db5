// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.polynomial.PolynomialFamily;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SequencePartTest {
  private static final int DIM = 4;
  private static final int COUNT = 900;

  private final float[] keys = numbers(1, COUNT * DIM);
  private final float[] values = numbers(2, COUNT * DIM);
  private final QueryBlock queries = new QueryBlock(numbers(3, 5 * DIM), 5, DIM, 0.5);

  private static float[] numbers(long seed, int count) {
    Random random = new Random(seed);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = random.nextFloat() - 0.5f;
    }
    return numbers;
  }

  private SequencePart part(SketchFamily family, int from, int to) {
    Map<String, String> parameters =
        Map.of("onepass.logit-bound", "1", "onepass.tolerance", "1e-6");
    HeadSpec spec = new HeadSpec("h", DIM, DIM, 0.5, 16 * 1024, 0, family, 7, parameters);
    Sequence sequence = Sequence.open(spec, new HeapStore());
    for (int j = from; j < to; j++) {
      Acceptance acceptance =
          sequence.accept(
              j,
              Arrays.copyOfRange(keys, j * DIM, (j + 1) * DIM),
              Arrays.copyOfRange(values, j * DIM, (j + 1) * DIM));
      assertThat(acceptance).isEqualTo(Acceptance.ACCEPTED);
    }
    SequencePart part = sequence.part(queries, 0);
    assertThat(SequencePart.fromByteArray(part.toByteArray()).toByteArray())
        .isEqualTo(part.toByteArray());
    return SequencePart.fromByteArray(part.toByteArray());
  }

  private ExactAttention.Result oracle(int count) {
    return ExactAttention.attention(
        queries.vectors(), queries.count(), keys, values, count, DIM, DIM, 0.5);
  }

  @Test
  void partsOfAnyFamiliesAddUp() {
    List<SequencePart> parts =
        List.of(
            part(PolynomialFamily.INSTANCE, 0, 600),
            part(ExactFamily.INSTANCE, 600, 800),
            part(PolynomialFamily.INSTANCE, 800, 800),
            part(PolynomialFamily.INSTANCE, 800, 900));

    Answers answers = SequencePart.answers(parts);

    ExactAttention.Result oracle = oracle(COUNT);
    for (int q = 0; q < queries.count(); q++) {
      assertThat(answers.logNormalizer()[q]).isCloseTo(oracle.logNormalizers()[q], within(1e-5));
      for (int c = 0; c < DIM; c++) {
        assertThat((double) answers.outputs()[q][c])
            .isCloseTo(oracle.outputs()[q * DIM + c], within(1e-5));
      }
      assertThat(answers.error()[q]).as("polynomial states no error").isNaN();
      assertThat(answers.logNormalizerError()[q]).as("polynomial states no error").isNaN();
    }
    SequenceCounts counts = SequencePart.counts(parts);
    assertThat(counts.tokens()).isEqualTo(COUNT);
    assertThat(counts.accepted()).isEqualTo(COUNT);
    assertThat(counts.position()).isEqualTo(COUNT - 1);
    assertThat(counts.exact()).isFalse();
    assertThat(counts.family()).isEqualTo("polynomial");
    assertThat(counts.stateBytes())
        .isEqualTo(parts.stream().mapToLong(part -> part.counts().stateBytes()).sum());
  }

  @Test
  void exactPartsStateNoError() {
    List<SequencePart> parts =
        List.of(part(ExactFamily.INSTANCE, 0, 100), part(ExactFamily.INSTANCE, 100, 150));

    Answers answers = SequencePart.answers(parts);

    assertThat(answers.error()).containsOnly(0);
    assertThat(answers.logNormalizerError()).containsOnly(0);
    assertThat(SequencePart.counts(parts).exact()).isTrue();
    assertThat(answers.beyondBound()).isNull();
  }

  @Test
  void partsWithoutTokensAnswerNothing() {
    SequencePart empty = part(PolynomialFamily.INSTANCE, 0, 0);

    assertThat(SequencePart.answers(List.of(empty, empty))).isSameAs(Answers.NONE);
    assertThat(SequencePart.counts(List.of(empty, empty)).position()).isEqualTo(-1);
  }

  private static SequencePart stated(boolean exact, int anchors, long tokens, int valueDim) {
    SoftmaxSum sums = new SoftmaxSum(1, valueDim);
    double[] one = new double[valueDim];
    Arrays.fill(one, 1);
    if (exact) {
      sums.add(0, 0, 1, 1, one);
    } else {
      sums.addEstimate(0, 0, one, 0.1, 0);
    }
    ValueRange range = new ValueRange(valueDim);
    TokenBlock block = new TokenBlock(1, valueDim, 1);
    float[] value = new float[valueDim];
    Arrays.fill(value, 1);
    block.append(new float[1], value, 1);
    range.include(block);
    return new SequencePart(
        new SequenceCounts(tokens, tokens, 5, 0, 100, exact, anchors, "anchors", false, false),
        sums,
        range,
        0,
        0);
  }

  @Test
  void statedErrorsAddUpAndTheOldestAnchorSetCounts() {
    List<SequencePart> parts = List.of(stated(false, 4, 9, 1), stated(true, 0, 3, 1));

    assertThat(SequencePart.answers(parts).error()[0]).isCloseTo(0.05f, within(1e-6f));
    assertThat(SequencePart.counts(parts).anchorsVersion()).isEqualTo(4);

    List<SequencePart> both = List.of(stated(false, 4, 9, 1), stated(false, 2, 3, 1));
    // Half of 0.1 each, correlated by one half.
    assertThat(SequencePart.answers(both).error()[0])
        .isCloseTo((float) (0.05 * Math.sqrt(3)), within(1e-6f));
    assertThat(SequencePart.counts(both).anchorsVersion()).isEqualTo(2);
  }

  @Test
  void aSequenceLacksTokensIfOneOfItsPartsDoes() {
    SequencePart whole = stated(true, 0, 3, 1);
    SequencePart lacking = stated(false, 4, 9, 1).markedIncomplete();

    assertThat(SequencePart.counts(List.of(whole, whole)).incomplete()).isFalse();
    assertThat(SequencePart.counts(List.of(whole, lacking)).incomplete()).isTrue();
    SequencePart read = SequencePart.fromByteArray(lacking.toByteArray());
    assertThat(read.counts()).isEqualTo(lacking.counts());
    assertThat(read.counts().exact()).isFalse();
  }

  @Test
  void partsOfOtherValuesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> SequencePart.answers(List.of(stated(true, 0, 1, 1), stated(true, 0, 1, 2))))
        .withMessage("Expected parts with values of length 1, got length 2.");
  }

  @Test
  void bytesThatAreNotAPartAreRefused() {
    byte[] bytes = part(PolynomialFamily.INSTANCE, 0, 700).toByteArray();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatExceptionOfType(CorruptSketchException.class)
          .isThrownBy(() -> SequencePart.fromByteArray(cut));
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThatExceptionOfType(CorruptSketchException.class)
        .isThrownBy(() -> SequencePart.fromByteArray(longer));
  }
}
