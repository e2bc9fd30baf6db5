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
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.cluster.ClusterFamily;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.onepass.OnepassFamily;
import dev.onepass.sketch.polynomial.PolynomialFamily;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.registry.Streams;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SequenceTest {

  /** Tolerance of exp in the polynomial heads of this test. */
  private static final double EPS = 0.001;

  /** 2 eps / (1 - eps) of max|v|, and 1e-5 for sums in floats. */
  private static final double POLYNOMIAL = 2 * EPS / (1 - EPS) + 1e-5;

  private final Random random = new Random(51);
  private final HeapStore store = new HeapStore();

  private static HeadSpec head(SketchFamily family, int d, int dv, int stateSize, int cutSize) {
    return new HeadSpec(
        "h",
        d,
        dv,
        1,
        stateSize,
        cutSize,
        family,
        1,
        Map.of(
            PolynomialFamily.LOGIT_BOUND, "1", PolynomialFamily.TOLERANCE, Double.toString(EPS)));
  }

  private static HeadSpec polynomial() {
    return head(PolynomialFamily.INSTANCE, 2, 2, 4096, 16);
  }

  private Acceptance accept(Sequence sequence, long position, float[] key, float[] value) {
    Acceptance acceptance = sequence.accept(position, key, value);
    sequence.save();
    return acceptance;
  }

  private Acceptance retract(Sequence sequence, float[] key, float[] value) {
    Acceptance acceptance = sequence.retract(key, value);
    sequence.save();
    return acceptance;
  }

  private static float[] key(TokenBlock block, int j) {
    return block.slice(j, j + 1).keys();
  }

  private static float[] value(TokenBlock block, int j) {
    return block.slice(j, j + 1).values();
  }

  private void feed(Sequence sequence, TokenBlock block) {
    for (int j = 0; j < block.count(); j++) {
      assertThat(accept(sequence, Sequence.NO_POSITION, key(block, j), value(block, j)))
          .isEqualTo(Acceptance.ACCEPTED);
    }
  }

  /** Returns the largest distance from the oracle over the tokens, in units of max|v|. */
  private static double error(Sequence sequence, TokenBlock tokens, QueryBlock queries) {
    Answers answers = sequence.answer(queries);
    ExactAttention.Result truth = Streams.oracle(tokens, queries);
    for (int q = 0; q < queries.count(); q++) {
      assertThat(answers.logNormalizer()[q]).isCloseTo(truth.logNormalizers()[q], within(2 * EPS));
    }
    return Streams.distance(Streams.flat(answers.outputs()), truth.outputs(), tokens.valueDim())
        / Streams.maxValue(tokens);
  }

  @Test
  void noTokensGiveNoRows() {
    Sequence sequence = Sequence.open(polynomial(), store);
    Answers answers = sequence.answer(Streams.queries(random, 3, 2, 1, 1));
    assertThat(answers.outputs()).isEmpty();
    assertThat(answers.error()).isEmpty();
    assertThat(answers.logNormalizer()).isEmpty();
  }

  /** No token is lost or counted twice when the sequence leaves exact mode, or by a later fold. */
  @Test
  void everyTokenCountsBeforeAtAndAfterTheTransition() {
    HeadSpec head = polynomial();
    Sequence sequence = Sequence.open(head, store);
    int exact = head.layout().exactTokens();
    int cut = head.layout().cutSize();
    TokenBlock stream = Streams.ball(random, exact + 20 * cut, 2, 2, 1);
    QueryBlock queries = Streams.queries(random, 10, 2, 0.5, 1);
    for (int n = 1; n <= stream.count(); n++) {
      feed(sequence, stream.slice(n - 1, n));
      Header header = sequence.header();
      assertThat(header.tokens()).isEqualTo(n);
      assertThat(header.isExact()).isEqualTo(n <= exact);
      assertThat(store.pending(2, 2).count()).isEqualTo(header.pending());
      long folded = (long) n - header.pending();
      if (!header.isExact()) {
        assertThat(SketchFamilies.heapify(store.sketchBytes(), AnchorSets.NONE).tokenCount())
            .isEqualTo(folded);
        assertThat(folded % cut).as("blocks are cut at multiples of the cut size").isZero();
        assertThat(header.pending()).isLessThan(cut);
      } else {
        assertThat(folded).isZero();
      }
      if (n % 7 == 0 || Math.abs(n - exact) < 3 || n % cut < 2) {
        double error = error(sequence, stream.slice(0, n), queries);
        assertThat(error).as("n = %d", n).isLessThan(header.isExact() ? 1e-6 : POLYNOMIAL);
        float stated = sequence.answer(queries).error()[0];
        assertThat(stated)
            .isEqualTo(header.isExact() ? Float.valueOf(0) : Float.valueOf(Float.NaN));
      }
    }
  }

  @Test
  void duplicatesAreCountedAndDropped() {
    Sequence sequence = Sequence.open(polynomial(), store);
    TokenBlock stream = Streams.ball(random, 3, 2, 2, 1);
    assertThat(accept(sequence, 5, key(stream, 0), value(stream, 0)))
        .isEqualTo(Acceptance.ACCEPTED);
    for (long position : new long[] {5, 4, 0}) {
      assertThat(accept(sequence, position, key(stream, 1), value(stream, 1)))
          .isEqualTo(Acceptance.DUPLICATE);
    }
    assertThat(accept(sequence, 1L << 40, key(stream, 2), value(stream, 2)))
        .isEqualTo(Acceptance.ACCEPTED);
    Header header = sequence.header();
    assertThat(header.duplicates()).isEqualTo(3);
    assertThat(header.tokens()).isEqualTo(2);
    assertThat(header.lastPosition()).isEqualTo(1L << 40);
    assertThat(store.pending(2, 2).count()).isEqualTo(2);
  }

  @Test
  void positionsAreNotMixed() {
    float[] x = {1, 2};
    Sequence sequence = Sequence.open(polynomial(), store);
    assertThat(accept(sequence, 0, x, x)).isEqualTo(Acceptance.ACCEPTED);
    assertThat(accept(sequence, Sequence.NO_POSITION, x, x)).isEqualTo(Acceptance.MIXED_POSITIONS);
    assertThat(sequence.header().tokens()).isEqualTo(1);
    sequence = Sequence.open(polynomial(), new HeapStore());
    assertThat(accept(sequence, Sequence.NO_POSITION, x, x)).isEqualTo(Acceptance.ACCEPTED);
    assertThat(accept(sequence, 7, x, x)).isEqualTo(Acceptance.MIXED_POSITIONS);
    assertThat(accept(sequence, Sequence.NO_POSITION, x, x))
        .as("without positions, the same token again is not a duplicate")
        .isEqualTo(Acceptance.ACCEPTED);
    assertThat(sequence.header().tokens()).isEqualTo(2);
  }

  @Test
  void otherDimensionsAreRefusedUntilTheSequenceIsForgotten() {
    feed(Sequence.open(polynomial(), store), Streams.ball(random, 200, 2, 2, 1));
    Sequence wider = Sequence.open(head(PolynomialFamily.INSTANCE, 3, 1, 4096, 8), store);
    float[] key = {1, 2, 3};
    float[] value = {4};
    assertThat(accept(wider, 0, key, value)).isEqualTo(Acceptance.OTHER_DIMENSIONS);
    assertThat(retract(wider, key, value)).isEqualTo(Acceptance.OTHER_DIMENSIONS);
    assertThat(wider.header().tokens()).isEqualTo(200);
    assertThatThrownBy(() -> wider.answer(Streams.queries(random, 1, 3, 1, 1)))
        .isInstanceOf(IllegalArgumentException.class);

    wider.forget();
    wider.save();
    assertThat(wider.header().tokens()).isZero();
    assertThat(store.header().tokens()).isZero();
    assertThat(store.sketchBytes()).isNull();
    assertThat(accept(wider, 0, key, value)).isEqualTo(Acceptance.ACCEPTED);
    Answers answers = wider.answer(Streams.queries(random, 1, 3, 1, 1));
    assertThat(answers.outputs()[0]).containsExactly(4);
  }

  @Test
  void tokensAreTakenBackWhereverTheyAre() {
    HeadSpec head = polynomial();
    Sequence sequence = Sequence.open(head, store);
    QueryBlock queries = Streams.queries(random, 10, 2, 0.5, 1);
    TokenBlock stream = Streams.ball(random, 60, 2, 2, 1);
    feed(sequence, stream);
    // Exact mode: the token is gone.
    assertThat(retract(sequence, key(stream, 10), value(stream, 10)))
        .isEqualTo(Acceptance.ACCEPTED);
    TokenBlock left = Streams.concat(stream.slice(0, 10), stream.slice(11, 60));
    assertThat(sequence.header().tokens()).isEqualTo(59);
    assertThat(sequence.header().pending()).isEqualTo(59);
    assertThat(error(sequence, left, queries)).isLessThan(1e-6);

    TokenBlock more = Streams.ball(random, 411, 2, 2, 1);
    feed(sequence, more);
    left.append(more);
    assertThat(sequence.header().isExact()).isFalse();
    assertThat(sequence.header().pending()).isPositive();
    // Pending: the newest token is removed.
    int pending = sequence.header().pending();
    assertThat(retract(sequence, key(more, 410), value(more, 410))).isEqualTo(Acceptance.ACCEPTED);
    left = left.slice(0, left.count() - 1);
    assertThat(sequence.header().pending()).isEqualTo(pending - 1);
    assertThat(error(sequence, left, queries)).isLessThan(POLYNOMIAL);
    // Folded: tokens of weight -1, while they are pending and after they were folded.
    for (int i = 0; i < 40; i++) {
      assertThat(retract(sequence, key(left, 0), value(left, 0))).isEqualTo(Acceptance.ACCEPTED);
      left = left.slice(1, left.count());
      assertThat(sequence.header().tokens()).isEqualTo(left.count());
      assertThat(error(sequence, left, queries)).isLessThan(POLYNOMIAL);
    }
    assertThat(sequence.header().accepted()).isEqualTo(471);
  }

  /**
   * A token whose logit is 9 beyond the bound has weight e^10 in truth and less in the polynomial.
   * A retraction must remove the weight of the polynomial, also while it is pending.
   */
  @Test
  void pendingRetractionsTakeBackTheWeightOfTheSketch() {
    HeadSpec head = polynomial();
    Sequence sequence = Sequence.open(head, store);
    TokenBlock stream = Streams.ball(random, 40 * 16, 2, 2, 1);
    float[] key = {20, 0};
    float[] value = {100, 100};
    feed(sequence, stream.slice(0, 300));
    feed(sequence, TokenBlock.of(2, 2, 1, key, value));
    feed(sequence, stream.slice(300, 639));
    assertThat(sequence.header().pending()).isZero();
    assertThat(retract(sequence, key, value)).isEqualTo(Acceptance.ACCEPTED);
    assertThat(sequence.header().pending()).isEqualTo(1);
    QueryBlock query = new QueryBlock(new float[] {0.5f, 0}, 1, 2, 1);
    assertThat(error(sequence, stream.slice(0, 639), query)).isLessThan(POLYNOMIAL);
    assertThat(sequence.answer(query).error()[0]).isNaN();
  }

  private static final AnchorSet SET = TestSets.inABall(2);

  /** A set of more anchors than the bytes of these heads hold. */
  private static AnchorSet many() {
    Random random = new Random(6);
    float[] queries = TestSets.ball(random, 400, 2, 1);
    AnchorSet set = AnchorSetMaker.make(1, 2, queries, TestSets.normal(random, 800, 1), 400, 7);
    return TestSets.withClusterShare(set, 0);
  }

  private static HeadSpec anchored(AnchoredFamily family) {
    return head(family, 2, 2, 4096, 16);
  }

  private static double largest(float[] x) {
    double largest = 0;
    for (float each : x) {
      largest = Math.max(largest, each);
    }
    return largest;
  }

  /** Pending tokens are exact next to the anchors. */
  @Test
  void anchorsAndPendingTokensAnswerTogether() {
    HeadSpec head = anchored(AnchoredFamily.HYBRID);
    Sequence sequence = Sequence.open(head, store, AnchorSets.of(SET));
    int exact = head.layout().exactTokens();
    TokenBlock stream = Streams.ball(random, exact + 60, 2, 2, 1);
    QueryBlock queries = Streams.queries(random, 20, 2, 0.5, 1);
    feed(sequence, stream.slice(0, exact));
    assertThat(sequence.answer(queries).error()).containsOnly(0);
    for (int n = exact + 1; n <= stream.count(); n++) {
      feed(sequence, stream.slice(n - 1, n));
      Header header = sequence.header();
      assertThat(header.isExact()).isFalse();
      assertThat(header.anchorsVersion()).isEqualTo(1);
      TokenBlock tokens = stream.slice(0, n);
      Answers answers = sequence.answer(queries);
      ExactAttention.Result truth = Streams.oracle(tokens, queries);
      assertThat(Streams.distance(Streams.flat(answers.outputs()), truth.outputs(), 2))
          .isLessThan(0.01);
      for (int q = 0; q < queries.count(); q++) {
        assertThat(answers.logNormalizer()[q]).isCloseTo(truth.logNormalizers()[q], within(0.01));
        assertThat(answers.error()[q]).isFinite().isPositive();
      }
    }
  }

  /** A pending token with nearly all of the mass makes the stated error nearly 0. */
  @Test
  void theStatedErrorCountsWithTheSharesOfItsPart() {
    HeadSpec head = anchored(AnchoredFamily.HYBRID);
    Sequence sequence = Sequence.open(head, store, AnchorSets.of(SET));
    feed(sequence, Streams.ball(random, head.layout().exactTokens() + 60, 2, 2, 1));
    QueryBlock query = new QueryBlock(new float[] {0.5f, 0}, 1, 2, 1);
    double before = largest(sequence.answer(query).error());
    feed(sequence, TokenBlock.of(2, 2, 1, new float[] {60, 0}, new float[] {1, 1}));
    assertThat(sequence.header().pending()).isPositive();
    double after = largest(sequence.answer(query).error());
    assertThat(after).isPositive().isLessThan(1e-3 * before);
  }

  @Test
  void whatWasFoldedIsTakenBackWhereTheSketchCan() {
    AnchorSet clusters = TestSets.withClusterShare(SET, 0.5);
    // The bytes that all of its anchors leave are for clusters.
    assertTakesBack(AnchoredFamily.HYBRID, AnchorSets.of(SET), false);
    assertTakesBack(AnchoredFamily.HYBRID, AnchorSets.of(many()), true);
    assertTakesBack(AnchoredFamily.ANCHORS, AnchorSets.of(clusters), true);
    assertTakesBack(AnchoredFamily.HYBRID, AnchorSets.of(clusters), false);
    assertTakesBack(AnchoredFamily.HYBRID, AnchorSets.NONE, false);
    assertTakesBack(AnchoredFamily.ANCHORS, AnchorSets.NONE, false);
    assertTakesBack(ClusterFamily.INSTANCE, AnchorSets.NONE, false);
    assertTakesBack(PolynomialFamily.INSTANCE, AnchorSets.NONE, true);
  }

  private void assertTakesBack(SketchFamily family, AnchorSets anchors, boolean folded) {
    HeapStore own = new HeapStore();
    HeadSpec head = head(family, 2, 2, 4096, 16);
    Sequence sequence = Sequence.open(head, own, anchors);
    int n = head.layout().exactTokens() + 60;
    TokenBlock stream = Streams.ball(random, n, 2, 2, 1);
    Header header = sequence.header();
    for (int j = 0; j < n; j++) {
      sequence.accept(j, key(stream, j), value(stream, j));
      sequence.save();
      if (j == 9) {
        assertThat(sequence.retract(key(stream, 5), value(stream, 5)))
            .as("exact mode")
            .isEqualTo(Acceptance.ACCEPTED);
      }
    }
    TokenBlock left = Streams.concat(stream.slice(0, 5), stream.slice(6, n));
    while (header.pending() == 0) {
      sequence.accept(n, key(stream, 0), value(stream, 0));
      left.append(stream.slice(0, 1));
    }
    int pending = header.pending();
    TokenBlock newest = left.slice(left.count() - 1, left.count());
    assertThat(sequence.retract(newest.keys(), newest.values()))
        .as("pending")
        .isEqualTo(Acceptance.ACCEPTED);
    assertThat(header.pending()).isEqualTo(pending - 1);
    left = left.slice(0, left.count() - 1);
    long tokens = header.tokens();
    assertThat(sequence.retract(key(left, 1), value(left, 1)))
        .as("folded, %s", family.name())
        .isEqualTo(folded ? Acceptance.ACCEPTED : Acceptance.CANNOT_RETRACT);
    assertThat(header.tokens()).isEqualTo(folded ? tokens - 1 : tokens);
    TokenBlock rest = folded ? Streams.concat(left.slice(0, 1), left.slice(2, left.count())) : left;
    sequence.save();
    QueryBlock queries = Streams.queries(random, 10, 2, 0.5, 1);
    Answers answers = sequence.answer(queries);
    double[] truth = Streams.oracle(rest, queries).outputs();
    assertThat(Streams.distance(Streams.flat(answers.outputs()), truth, 2)).isLessThan(0.05);
  }

  /** The retracted token had nearly all of the mass at some anchor. */
  @Test
  void whereARetractionLeavesNothingTheErrorIsOne() {
    HeadSpec head = anchored(AnchoredFamily.ANCHORS);
    Sequence sequence = Sequence.open(head, store, AnchorSets.of(SET));
    float[] key = {60, 0};
    float[] value = {3, 3};
    feed(sequence, TokenBlock.of(2, 2, 1, key, value));
    feed(sequence, Streams.ball(random, head.layout().exactTokens() + 60, 2, 2, 1));
    assertThat(retract(sequence, key, value)).isEqualTo(Acceptance.ACCEPTED);
    QueryBlock query = new QueryBlock(new float[] {0.5f, 0}, 1, 2, 1);
    assertThat(sequence.answer(query).error()).containsExactly(1);
  }

  @Test
  void nothingIsTakenBackFromAnEmptySequence() {
    Sequence sequence = Sequence.open(polynomial(), store);
    float[] x = {1, 2};
    assertThat(retract(sequence, x, x)).isEqualTo(Acceptance.NOTHING_TO_RETRACT);
    accept(sequence, 0, x, x);
    assertThat(retract(sequence, x, x)).isEqualTo(Acceptance.ACCEPTED);
    assertThat(retract(sequence, x, x)).isEqualTo(Acceptance.NOTHING_TO_RETRACT);
    assertThat(accept(sequence, 0, x, x)).as("positions stay").isEqualTo(Acceptance.DUPLICATE);
  }

  @Test
  void anExactSequenceTakesBackOnlyWhatItHolds() {
    Sequence sequence = Sequence.open(polynomial(), store);
    TokenBlock two = TokenBlock.of(2, 2, 2, new float[] {0, 0, 1, 1}, new float[] {1, 1, 3, 3});
    feed(sequence, two);
    assertThat(retract(sequence, new float[] {30, 30}, new float[] {5, 5}))
        .isEqualTo(Acceptance.NOTHING_TO_RETRACT);
    assertThat(sequence.header().tokens()).isEqualTo(2);
    QueryBlock query = new QueryBlock(new float[] {1, 0}, 1, 2, 1);
    assertThat(error(sequence, two, query)).isLessThan(1e-6);
    assertThat(retract(sequence, new float[] {-0f, 0f}, new float[] {1, 1}))
        .as("-0 is 0")
        .isEqualTo(Acceptance.ACCEPTED);
    assertThat(error(sequence, two.slice(1, 2), query)).isLessThan(1e-6);
  }

  @Test
  void aSequenceWhoseOldBytesDoNotHoldTheNewFamilyTakesTheNewBytes() {
    HeadSpec small = head(ExactFamily.INSTANCE, 8, 8, 2000, 0);
    HeadSpec large = head(PolynomialFamily.INSTANCE, 8, 8, 16_384, 0);
    assertThatThrownBy(() -> head(PolynomialFamily.INSTANCE, 8, 8, 2000, 0).check())
        .hasMessageContaining("a state size of about");
    TokenBlock stream = Streams.ball(random, 1000, 8, 8, 0.1);
    int before = small.layout().exactTokens();
    feed(Sequence.open(small, store), stream.slice(0, before));
    Sequence sequence = Sequence.open(large, store);
    feed(sequence, stream.slice(before, 1000));
    assertThat(sequence.header().tokens()).isEqualTo(1000);
    assertThat(sequence.header().layout()).isEqualTo(large.layout());
    assertThat(error(sequence, stream, Streams.queries(random, 5, 8, 1, 1))).isLessThan(POLYNOMIAL);
  }

  @Test
  void anExactSequenceRefusesWhatDoesNotFit() {
    HeadSpec head = head(ExactFamily.INSTANCE, 2, 2, 1000, 0);
    Sequence sequence = Sequence.open(head, store);
    int room = head.layout().exactTokens();
    assertThat(head.check()).contains("at most " + room + " tokens");
    TokenBlock stream = Streams.ball(random, room + 1, 2, 2, 1);
    feed(sequence, stream.slice(0, room));
    assertThat(accept(sequence, Sequence.NO_POSITION, key(stream, room), value(stream, room)))
        .isEqualTo(Acceptance.FULL);
    assertThat(retract(sequence, key(stream, room), value(stream, room)))
        .isEqualTo(Acceptance.NOTHING_TO_RETRACT);
    assertThat(sequence.header().tokens()).isEqualTo(room);
    QueryBlock queries = Streams.queries(random, 5, 2, 3, 1);
    assertThat(error(sequence, stream.slice(0, room), queries)).isLessThan(1e-6);
    assertThat(retract(sequence, key(stream, 0), value(stream, 0))).isEqualTo(Acceptance.ACCEPTED);
    feed(sequence, stream.slice(room, room + 1));
    assertThat(error(sequence, stream.slice(1, room + 1), queries)).isLessThan(1e-6);
  }

  @Test
  void tokensFoldedForAnotherFormAreAnsweredButNotRemembered() throws Exception {
    HeadSpec outputs = onepass("outputs");
    feed(Sequence.open(outputs, store), Streams.ball(random, 3000, 2, 2, 1));
    Sequence paper = Sequence.open(onepass("paper"), store);
    Header header = paper.header();
    assertThat(header.isExact()).isFalse();

    Answers answers = paper.answerAndRemember(new QueryBlock(new float[] {0.5f, 0}, 1, 2, 1), 0);

    assertThat(answers.outputs()).hasNumberOfRows(1);
    assertThat(header.isClosed()).isFalse();
    assertThat(header.queryBytes()).isZero();
    assertThat(paper.recover(0).rows()).isZero();
    assertThat(accept(paper, Sequence.NO_POSITION, new float[] {0, 0}, new float[] {0, 0}))
        .isEqualTo(Acceptance.ACCEPTED);
  }

  /** A head without decay may change to paper form while some of its sequences still decay. */
  @Test
  void anExactSequenceThatDecaysRefusesTokensThatItsNewFormCannotFold() {
    HeadSpec decaying = onepass("outputs").withDecay(Decay.byTokens(50));
    Sequence sequence = Sequence.open(decaying, store);
    int room = sequence.header().layout().exactTokens();
    TokenBlock stream = Streams.ball(random, room + 2, 2, 2, 1);
    feed(sequence, stream.slice(0, room - 1));
    sequence.close();
    assertThat(onepass("paper").withDecay(Decay.byTokens(50)).complaint()).isPresent();
    Sequence paper = Sequence.open(onepass("paper"), store);
    feed(paper, stream.slice(room - 1, room));
    assertThat(accept(paper, Sequence.NO_POSITION, key(stream, room), value(stream, room)))
        .isEqualTo(Acceptance.CANNOT_DECAY);
    assertThat(paper.header().tokens()).isEqualTo(room);

    QueryBlock queries = Streams.queries(random, 5, 2, 1, 1);
    Answers answers = paper.answerAndRemember(queries, 0);
    assertThat(paper.header().isExact()).isTrue();
    assertThat(paper.header().isClosed()).isFalse();
    double[] truth = Streams.oracle(Streams.decayed(stream.slice(0, room), 50), queries).outputs();
    assertThat(Streams.distance(Streams.flat(answers.outputs()), truth, 2)).isLessThan(1e-5);

    paper.close();
    Sequence back = Sequence.open(decaying, store);
    feed(back, stream.slice(room, room + 2));
    assertThat(back.header().isExact()).isFalse();
    assertThat(back.header().tokens()).isEqualTo(room + 2);
    Sequence forgotten = Sequence.open(onepass("paper"), store);
    forgotten.forget();
    feed(forgotten, Streams.ball(random, 2 * room, 2, 2, 1));
    assertThat(forgotten.header().isExact()).isFalse();
  }

  private static HeadSpec onepass(String form) {
    return new HeadSpec(
        "h",
        2,
        2,
        1,
        65_536,
        16,
        OnepassFamily.INSTANCE,
        1,
        Map.of(OnepassFamily.FORM, form, OnepassFamily.RECOVER_K, "2"));
  }

  @Test
  void optionsOfANewJobHoldForNewSequencesOnly() {
    feed(Sequence.open(polynomial(), store), Streams.ball(random, 300, 2, 2, 1));
    Sequence changed = Sequence.open(head(PolynomialFamily.INSTANCE, 2, 2, 8192, 5), store);
    feed(changed, Streams.ball(random, 100, 2, 2, 1));
    Header header = changed.header();
    assertThat(header.layout()).isEqualTo(polynomial().layout());
    assertThat((header.accepted() - header.pending()) % 16).isZero();
  }

  /** Clusters cannot take a token back, but a key that is kept next to them can be. */
  @Test
  void aHeavyKeyCanBeRetractedWhateverTheFamily() {
    HeadSpec spec =
        new HeadSpec(
            "h",
            4,
            2,
            1,
            8192,
            16,
            SketchFamilies.withHeavyKeys(ClusterFamily.INSTANCE),
            1,
            Map.of("heavy.share", "0.25"));
    Sequence sequence = Sequence.open(spec, store);
    TokenBlock ordinary = Streams.gaussian(random, 2000, 4, 2, 1);
    float[] needle = {30, 0, 0, 0};
    float[] value = {7, -7};
    feed(sequence, ordinary.slice(0, 1000));
    accept(sequence, Sequence.NO_POSITION, needle, value);
    feed(sequence, ordinary.slice(1000, 1500));
    QueryBlock query = new QueryBlock(new float[] {1, 0, 0, 0}, 1, 4, 1);
    assertThat(sequence.answer(query).outputs()[0]).containsExactly(value, within(0.01f));

    assertThat(retract(sequence, key(ordinary, 3), value(ordinary, 3)))
        .isEqualTo(Acceptance.CANNOT_RETRACT);
    assertThat(retract(sequence, needle, value)).isEqualTo(Acceptance.ACCEPTED);
    assertThat(retract(sequence, needle, value))
        .as("only one such token is kept")
        .isEqualTo(Acceptance.CANNOT_RETRACT);

    assertThat(sequence.answer(query).outputs()[0][0]).isBetween(-3f, 3f);
    feed(sequence, ordinary.slice(1500, 2000));
    assertThat(sequence.tokens()).isEqualTo(2000);
    assertThat(sequence.answer(query).outputs()[0][0]).isBetween(-3f, 3f);
    assertThat(retract(sequence, needle, value)).isEqualTo(Acceptance.CANNOT_RETRACT);
  }
}
