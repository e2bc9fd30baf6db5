// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.anchored.AnchoredFamily;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.TestSets;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import dev.onepass.sketch.anchors.fit.WideSetMaker;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.cluster.ClusterFamily;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.onepass.OnepassFamily;
import dev.onepass.sketch.polynomial.PolynomialFamily;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.registry.Streams;
import dev.onepass.sketch.ridge.RidgeFamily;
import dev.onepass.sketch.wide.ColumnSample;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sequences of heads that project wide keys. */
class WideSequenceTest {

  private static final int DIM = 60;
  private static final int COLUMNS = 4;
  private static final int VALUES = 3;
  private static final int STATE_SIZE = 16 * 1024;
  private static final int MANY = 900;

  private final Random random = new Random(91);
  private final float[] samples = keys(random, 400);
  private final ColumnSample columns = WideSetMaker.columns(DIM, new float[0], samples, COLUMNS, 7);
  private final AnchorSet set = WideSetMaker.make(3, columns, samples, samples, 32, 7);
  private final Held held = new Held();
  private final HeapStore store = new HeapStore();
  private final TokenBlock tokens = tokens();
  private final QueryBlock queries = Streams.queries(random, 6, DIM, 2, 0.7);

  /** The sets of a head, which change. */
  private static final class Held implements AnchorSets {
    private final TreeMap<Integer, AnchorSet> sets = new TreeMap<>();

    void add(AnchorSet set) {
      sets.put(set.version(), set);
    }

    @Override
    public Optional<AnchorSet> current() {
      return sets.isEmpty() ? Optional.empty() : Optional.of(sets.lastEntry().getValue());
    }

    @Override
    public Optional<AnchorSet> version(int version) {
      return Optional.ofNullable(sets.get(version));
    }
  }

  static Stream<SketchFamily> families() {
    return Stream.of(
        AnchoredFamily.HYBRID,
        AnchoredFamily.ANCHORS,
        ClusterFamily.INSTANCE,
        PolynomialFamily.INSTANCE,
        RidgeFamily.INSTANCE,
        ExactFamily.INSTANCE);
  }

  /** Keys that vary in four coordinates, and by a hundredth of that in the others. */
  private static float[] keys(Random random, int n) {
    float[] keys = TestSets.normal(random, n * DIM, 1);
    for (int e = 0; e < keys.length; e++) {
      int i = e % DIM;
      keys[e] = 0.3f + keys[e] * (i % 15 == 7 ? 1 : 0.01f);
    }
    return keys;
  }

  private TokenBlock tokens() {
    float[] values = TestSets.normal(random, MANY * VALUES, 1);
    return TokenBlock.of(DIM, VALUES, MANY, keys(random, MANY), values);
  }

  private static HeadSpec plain(SketchFamily family, int dim, int stateSize) {
    return new HeadSpec("h", dim, VALUES, 0.7, stateSize, 0, family, 1, Map.of());
  }

  private static HeadSpec wide(SketchFamily family) {
    return plain(family, DIM, STATE_SIZE).withWideKeys(new WideKeys(COLUMNS, 0.9));
  }

  private void accept(HeadSpec head, AnchorSets sets, HeapStore into, TokenBlock from, int to) {
    accept(head, sets, into, from, 0, to);
  }

  private void accept(
      HeadSpec head, AnchorSets sets, HeapStore into, TokenBlock from, int first, int to) {
    for (int j = first; j < to; j++) {
      TokenBlock one = from.slice(j, j + 1);
      try (Sequence sequence = Sequence.open(head, into, sets)) {
        assertThat(sequence.accept(j, one.keys(), one.values())).isEqualTo(Acceptance.ACCEPTED);
        assertThat(sequence.header().stateBytes()).isLessThanOrEqualTo(head.stateSize());
      }
    }
  }

  /** However many tokens came before the set: bit for bit. */
  @ParameterizedTest
  @MethodSource("families")
  void equalsASequenceFedWithProjectedKeys(SketchFamily family) {
    int many = family == ExactFamily.INSTANCE ? 300 : MANY;
    AnchorSet plain =
        AnchorSetMaker.make(
            3, COLUMNS, columns.projectRows(samples), columns.projectRows(samples), 32, 7);
    HeapStore expected = new HeapStore();
    HeadSpec narrow = plain(family, COLUMNS, STATE_SIZE);
    accept(narrow, AnchorSets.of(plain), expected, columns.project(tokens), many);
    Sequence like = Sequence.open(narrow, expected, AnchorSets.of(plain));
    Answers wanted = like.answer(columns.project(queries));

    for (int before : new int[] {0, 1, 50}) {
      HeapStore projected = new HeapStore();
      accept(wide(family), AnchorSets.NONE, projected, tokens, before);
      accept(wide(family), AnchorSets.of(set), projected, tokens, before, many);

      Sequence sequence = Sequence.open(wide(family), projected, AnchorSets.of(set));
      Answers answers = sequence.answer(queries);
      assertThat(answers.outputs()).isDeepEqualTo(wanted.outputs());
      assertThat(projected.sketchBytes()).isEqualTo(expected.sketchBytes());
      assertThat(projected.pending(COLUMNS, VALUES).keys())
          .startsWith(keysOf(expected.pending(COLUMNS, VALUES)));
      assertThat(sequence.header().layout()).isEqualTo(like.header().layout());
      assertThat(sequence.header().anchorsVersion()).isEqualTo(3);
      assertThat(sequence.header().isExact()).isEqualTo(family == ExactFamily.INSTANCE);
      assertThat(sequence.keyDim()).isEqualTo(DIM);
      for (int q = 0; q < queries.count(); q++) {
        assertThat(answers.logNormalizer()[q])
            .isCloseTo(wanted.logNormalizer()[q] + columns.offset(queries, q), within(1e-9));
        assertThat(answers.error()[q]).isNaN();
        assertThat(answers.logNormalizerError()[q]).isNaN();
      }
      assertThat(sequence.part().counts().exact()).isFalse();
    }
  }

  private static float[] keysOf(TokenBlock block) {
    return block.slice(0, block.count()).keys();
  }

  /** Until a token comes, its answers are exact over whole keys, whatever the head has by now. */
  @Test
  void queriesNeverProjectASequence() {
    accept(wide(AnchoredFamily.HYBRID), AnchorSets.NONE, store, tokens, 20);
    held.add(set);
    try (Sequence sequence = Sequence.open(wide(AnchoredFamily.HYBRID), store, held)) {
      Answers answers = sequence.answer(queries);
      assertThat(answers.error()).containsOnly(0);
      assertThat(sequence.part().counts().exact()).isTrue();
      assertThat(sequence.foldPreparation()).isEmpty();
      assertThat(sequence.header().isProjected()).isFalse();
      assertThat(sequence.retract(keyOf(3), valueOf(3))).isEqualTo(Acceptance.ACCEPTED);
      assertThat(sequence.header().isProjected()).isFalse();
    }
    accept(wide(AnchoredFamily.HYBRID), held, store, tokens, 20, 21);
    Sequence sequence = Sequence.open(wide(AnchoredFamily.HYBRID), store, held);
    assertThat(sequence.header().isProjected()).isTrue();
    assertThat(sequence.header().isExact()).isTrue();
    assertThat(sequence.part().counts().exact()).isFalse();
    assertThat(sequence.tokens()).isEqualTo(20);
  }

  private float[] keyOf(int j) {
    return tokens.slice(j, j + 1).keys();
  }

  private float[] valueOf(int j) {
    return tokens.slice(j, j + 1).values();
  }

  /** Its answers are close to exact attention over whole keys, and so are its normalizers. */
  @Test
  void answersAreCloseToThoseOfWholeKeys() {
    accept(wide(AnchoredFamily.HYBRID), AnchorSets.of(set), store, tokens, 200);
    Answers answers =
        Sequence.open(wide(AnchoredFamily.HYBRID), store, AnchorSets.of(set)).answer(queries);
    var truth = Streams.oracle(tokens.slice(0, 200), queries);
    for (int q = 0; q < queries.count(); q++) {
      assertThat(answers.logNormalizer()[q]).isCloseTo(truth.logNormalizers()[q], within(0.01));
      for (int c = 0; c < VALUES; c++) {
        assertThat((double) answers.outputs()[q][c])
            .isCloseTo(truth.outputs()[q * VALUES + c], within(0.02));
      }
    }
  }

  @Test
  void takesBackPendingAndFoldedTokens() {
    HeadSpec head = wide(AnchoredFamily.ANCHORS);
    accept(head, AnchorSets.of(set), store, tokens, MANY);
    Sequence sequence = Sequence.open(head, store, AnchorSets.of(set));
    int pending = sequence.header().pending();
    assertThat(sequence.retract(keyOf(MANY - 1), valueOf(MANY - 1))).isEqualTo(Acceptance.ACCEPTED);
    assertThat(sequence.header().pending()).isEqualTo(pending - 1);
    assertThat(sequence.retract(keyOf(2), valueOf(2))).isEqualTo(Acceptance.ACCEPTED);
    assertThat(sequence.tokens()).isEqualTo(MANY - 2);
    assertThat(sequence.answer(queries).outputs()).hasDimensions(queries.count(), VALUES);
  }

  /** It adopts a later set of the same columns when it leaves exact mode, and no other. */
  @Test
  void laterSetsNeedTheSameColumns() {
    HeadSpec head = wide(AnchoredFamily.HYBRID);
    ColumnSample others = WideSetMaker.columns(DIM, new float[0], samples, COLUMNS, 8);
    AnchorSet other =
        WideSetMaker.make(
            4, others.equals(columns) ? mean(others) : others, samples, samples, 16, 7);
    held.add(set);
    accept(head, held, store, tokens, 10);
    held.add(other);
    accept(head, held, store, tokens, 10, 20);
    assertThat(version(head, store)).isEqualTo(3);
    HeapStore second = new HeapStore();
    accept(head, held, second, tokens, 1);
    assertThat(version(head, second)).isEqualTo(4);
    accept(head, held, store, tokens, 20, MANY);
    assertThat(version(head, store)).isEqualTo(3);

    HeapStore third = new HeapStore();
    held.add(set.withVersion(5));
    accept(head, held, third, tokens, 10);
    held.add(set.withVersion(6));
    accept(head, held, third, tokens, 10, 20);
    assertThat(version(head, third)).isEqualTo(5);
    accept(head, held, third, tokens, 20, MANY);
    assertThat(version(head, third)).isEqualTo(6);
  }

  /** Returns a sample of the same coordinates without a mean key: not the same projection. */
  private static ColumnSample mean(ColumnSample sample) {
    byte[] old = Arrays.copyOf(sample.toByteArray(), 28 + 8 * sample.columns());
    old[2] = 1;
    return ColumnSample.heapify(old);
  }

  private int version(HeadSpec head, HeapStore of) {
    return Sequence.open(head, of, held).header().anchorsVersion();
  }

  /** Sets that are not for this head are not used. */
  @Test
  void setsThatDoNotFitAreNotUsed() {
    HeadSpec head = wide(AnchoredFamily.HYBRID);
    AnchorSet plain = AnchorSetMaker.make(9, DIM, samples, samples, 16, 7);
    AnchorSet ofColumns =
        AnchorSetMaker.make(9, COLUMNS, columns.projectRows(samples), samples, 16, 7);
    HeadSpec demanding =
        plain(AnchoredFamily.HYBRID, DIM, STATE_SIZE).withWideKeys(new WideKeys(COLUMNS, 1));
    HeadSpec more =
        plain(AnchoredFamily.HYBRID, DIM, STATE_SIZE).withWideKeys(new WideKeys(COLUMNS + 1, 0));
    assertThat(head.refusal(set)).isEmpty();
    assertThat(head.refusal(plain).orElseThrow())
        .startsWith("the anchor set has no columns, but head h has 4 columns");
    assertThat(head.refusal(ofColumns).orElseThrow())
        .isEqualTo("the anchor set is for keys of length 4, but head h has keys of length 60");
    assertThat(more.refusal(set).orElseThrow())
        .startsWith("the anchor set has 4 columns, but head h has 5 columns");
    assertThat(demanding.refusal(set).orElseThrow())
        .startsWith("the anchor set for head h: 4 of 60 key coordinates keep ")
        .contains(" % of the logits' variance, but at least 100.0 % is required");
    assertThat(plain(AnchoredFamily.HYBRID, DIM, STATE_SIZE).refusal(set).orElseThrow())
        .startsWith("the anchor set has 4 columns, but head h has no columns");
    for (AnchorSet unfit : List.of(plain, ofColumns)) {
      HeapStore whole = new HeapStore();
      accept(head, AnchorSets.of(unfit), whole, tokens, MANY);
      Header header = Sequence.open(head, whole, AnchorSets.of(unfit)).header();
      assertThat(header.isProjected()).isFalse();
      assertThat(header.anchorsVersion()).isZero();
      assertThat(header.keyDim()).isEqualTo(DIM);
    }
    accept(demanding, AnchorSets.of(set), store, tokens, 5);
    assertThat(Sequence.open(demanding, store, AnchorSets.of(set)).header().isProjected())
        .isFalse();
    // A set of projected keys is not for whole keys of that length.
    HeapStore narrow = new HeapStore();
    HeadSpec four = plain(AnchoredFamily.HYBRID, COLUMNS, 8192);
    accept(four, AnchorSets.of(set), narrow, columns.project(tokens), MANY);
    assertThat(Sequence.open(four, narrow, AnchorSets.of(set)).header().anchorsVersion()).isZero();
  }

  /** Without a set, it continues with clusters of whole keys. */
  @Test
  void leavesExactModeWithoutASetWithClustersOfWholeKeys() {
    for (SketchFamily family : List.of(PolynomialFamily.INSTANCE, AnchoredFamily.HYBRID)) {
      HeapStore whole = new HeapStore();
      accept(wide(family), AnchorSets.NONE, whole, tokens, MANY);
      held.add(set);
      accept(wide(family), held, whole, tokens, MANY - 1, MANY - 1);
      Sequence sequence = Sequence.open(wide(family), whole, held);
      assertThat(sequence.header().isProjected()).isFalse();
      assertThat(sequence.header().keyDim()).isEqualTo(DIM);
      assertThat(sequence.familyName())
          .isEqualTo(family == AnchoredFamily.HYBRID ? "hybrid" : "cluster");
      assertThat(sequence.answer(queries).outputs()).hasDimensions(queries.count(), VALUES);
    }
  }

  @Test
  void aForgottenSequenceBeginsWithWholeKeys() {
    HeadSpec head = wide(AnchoredFamily.HYBRID);
    accept(head, AnchorSets.of(set), store, tokens, 10);
    try (Sequence sequence = Sequence.open(head, store, AnchorSets.of(set))) {
      sequence.forget();
      assertThat(sequence.header().isProjected()).isFalse();
      assertThat(sequence.header().anchorsVersion()).isZero();
      assertThat(sequence.keyDim()).isEqualTo(DIM);
      assertThat(sequence.answer(queries)).isSameAs(Answers.NONE);
    }
    accept(head, AnchorSets.of(set), store, tokens, 10);
    assertThat(Sequence.open(head, store, AnchorSets.of(set)).header().isProjected()).isTrue();
  }

  @Test
  void sequencesStayProjectedWhenTheHeadNoLongerIs() {
    accept(wide(AnchoredFamily.HYBRID), AnchorSets.of(set), store, tokens, 10);
    HeadSpec now = plain(AnchoredFamily.HYBRID, DIM, STATE_SIZE);
    held.add(set);
    held.add(AnchorSetMaker.make(9, DIM, samples, samples, 16, 7));
    accept(now, held, store, tokens, 10, MANY);
    Sequence sequence = Sequence.open(now, store, held);
    assertThat(sequence.header().isProjected()).isTrue();
    assertThat(sequence.header().isExact()).isFalse();
    assertThat(sequence.header().anchorsVersion()).isEqualTo(3);
    assertThat(sequence.answer(queries).outputs()).hasDimensions(queries.count(), VALUES);
  }

  @Test
  void theSetOfAProjectedSequenceIsMissed() {
    HeadSpec head = wide(AnchoredFamily.HYBRID);
    accept(head, AnchorSets.of(set), store, tokens, 10);
    Sequence sequence = Sequence.open(head, store, AnchorSets.NONE);
    assertThat(sequence.lacksAnchorSet()).isTrue();
    assertThatThrownBy(sequence::keyDim)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Version 3 of the anchor set");
    AnchorSet other = AnchorSetMaker.make(3, DIM, samples, samples, 16, 7);
    assertThat(Sequence.open(head, store, AnchorSets.of(other)).lacksAnchorSet()).isTrue();
    assertThat(Sequence.open(head, store, AnchorSets.of(set)).lacksAnchorSet()).isFalse();
  }

  @Test
  void vectorsAreOfFullLength() {
    HeadSpec head = wide(AnchoredFamily.HYBRID);
    accept(head, AnchorSets.of(set), store, tokens, 10);
    Sequence sequence = Sequence.open(head, store, AnchorSets.of(set));
    assertThat(sequence.accept(11, new float[COLUMNS], new float[VALUES]))
        .isEqualTo(Acceptance.OTHER_DIMENSIONS);
    assertThat(sequence.retract(new float[COLUMNS], new float[VALUES]))
        .isEqualTo(Acceptance.OTHER_DIMENSIONS);
    assertThatThrownBy(() -> sequence.answer(columns.project(queries)))
        .hasMessage("Expected query vectors of length 60, got length 4.");
  }

  /** Parts of whole keys, and of different projections, add up. */
  @Test
  void partsOfDifferentProjectionsAddUp() {
    ColumnSample more = WideSetMaker.columns(DIM, new float[0], samples, 12, 8);
    AnchorSet second = WideSetMaker.make(8, more, samples, samples, 16, 7);
    HeadSpec twelve =
        plain(AnchoredFamily.HYBRID, DIM, STATE_SIZE).withWideKeys(new WideKeys(12, 0.9));
    HeadSpec head = wide(AnchoredFamily.HYBRID);
    HeapStore[] stores = {new HeapStore(), new HeapStore(), new HeapStore()};
    accept(head, AnchorSets.NONE, stores[0], tokens, 0, 20);
    accept(head, AnchorSets.of(set), stores[1], tokens, 20, 90);
    accept(twelve, AnchorSets.of(second), stores[2], tokens, 90, 150);
    List<SequencePart> parts =
        Stream.of(
                Sequence.open(head, stores[0], AnchorSets.NONE),
                Sequence.open(head, stores[1], AnchorSets.of(set)),
                Sequence.open(twelve, stores[2], AnchorSets.of(second)))
            .map(sequence -> sequence.part(queries, 0))
            .map(part -> SequencePart.fromByteArray(part.toByteArray()))
            .toList();
    Answers answers = SequencePart.answers(parts);
    SequenceCounts counts = SequencePart.counts(parts);
    assertThat(counts.exact()).isFalse();
    assertThat(counts.projected()).isTrue();
    assertThat(counts.anchorsVersion()).isEqualTo(3);
    var truth = Streams.oracle(tokens.slice(0, 150), queries);
    for (int q = 0; q < queries.count(); q++) {
      assertThat(answers.error()[q]).isNaN();
      assertThat(answers.logNormalizer()[q]).isCloseTo(truth.logNormalizers()[q], within(0.01));
      for (int c = 0; c < VALUES; c++) {
        assertThat((double) answers.outputs()[q][c])
            .isCloseTo(truth.outputs()[q * VALUES + c], within(0.02));
      }
    }
  }

  @Test
  void complaintsSayWhatDoesNotFit() {
    assertThat(wide(AnchoredFamily.HYBRID).complaint()).isEmpty();
    assertThat(wide(AnchoredFamily.HYBRID).check())
        .contains("keys are projected from 60 to 4 columns once the head has an anchor set")
        .contains("until then, ");
    assertThat(wide(OnepassFamily.INSTANCE).complaint().orElseThrow()).contains("onepass");
    SketchFamily heavy = SketchFamilies.withHeavyKeys(OnepassFamily.INSTANCE);
    assertThat(wide(heavy).complaint().orElseThrow()).contains("the family onepass does not");
    HeadSpec useless =
        plain(AnchoredFamily.HYBRID, DIM, STATE_SIZE).withWideKeys(new WideKeys(DIM, 0.9));
    assertThat(useless.complaint().orElseThrow()).contains("project nothing");
    HeadSpec small =
        plain(AnchoredFamily.HYBRID, 4096, 32 * 1024).withWideKeys(new WideKeys(64, 0.9));
    assertThat(small.complaint().orElseThrow())
        .startsWith("whole keys of length 4096, before there is a projection: ")
        .contains("the state size must be at least");
    HeadSpec tiny = plain(AnchoredFamily.HYBRID, 60, 1024).withWideKeys(new WideKeys(59, 0.9));
    assertThat(tiny.complaint().orElseThrow()).startsWith("keys projected to 59 columns: ");
  }
}
