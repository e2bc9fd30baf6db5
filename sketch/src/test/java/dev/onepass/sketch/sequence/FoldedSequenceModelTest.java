// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.onepass.OnepassFamily;
import dev.onepass.sketch.registry.FamilyCase;
import dev.onepass.sketch.registry.Streams;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** Sequences after exact mode against {@link SequenceModel}, over every registered family. */
class FoldedSequenceModelTest {

  private static final int DIM = 3;
  private static final int VALUE_DIM = 2;
  private static final double SCALE = 0.5;
  private static final int STATE_SIZE = 4_096;

  /** Above this ratio of peak mass to mass, rounding is a part of the error. */
  private static final double MOSTLY_RETRACTED = 10;

  /** Largest error of an output and of a log normalizer in exact mode. */
  private static final double ROUNDING = 0x1p-17;

  /** Bound on the error of a log normalizer, in units of the bound on that of an output. */
  private static final double LOG_NORMALIZER = 10;

  /** Returns a head of the first size that holds the family, without decay if that is refused. */
  private static HeadSpec head(FamilyCase family, Decay decay) {
    HeadSpec head = null;
    for (int size = STATE_SIZE; head == null; size *= 2) {
      HeadSpec fitting =
          new HeadSpec(
              "h", DIM, VALUE_DIM, SCALE, size, 0, family.family(), 1, family.parameters());
      head = fitting.complaint().isEmpty() ? fitting : null;
    }
    HeadSpec decaying = head.withDecay(decay);
    return decaying.complaint().isEmpty() ? decaying : head;
  }

  /** The events of one step: a token, and an older token that is taken back after it. */
  private record Step(
      int position, float[] key, float[] value, float bias, long time, SequenceModel.Held old) {

    /** Returns whether the old token is taken back. */
    boolean happen(Sequence sequence) {
      assertThat(sequence.accept(position, key, value, bias, time)).isEqualTo(Acceptance.ACCEPTED);
      if (old == null) {
        return false;
      }
      Acceptance retracted = sequence.retract(old.key(), old.value(), old.bias(), old.time());
      assertThat(retracted).isIn(Acceptance.ACCEPTED, Acceptance.CANNOT_RETRACT);
      return retracted == Acceptance.ACCEPTED;
    }
  }

  /**
   * Answers are those of the model up to the error of the family. A sequence that is written and
   * read again at every step has the same bits as one that is not.
   */
  @Property(seed = "33", tries = 20, shrinking = ShrinkingMode.OFF)
  void everyFamilyFollowsTheModel(@ForAll long seed) {
    for (FamilyCase family : FamilyCase.all()) {
      if (family.family() != ExactFamily.INSTANCE) {
        followsTheModel(family, new Random(seed));
      }
    }
  }

  private static void followsTheModel(FamilyCase family, Random random) {
    HeadSpec head = head(family, RandomEvents.decay(random));
    HeapStore keptStore = new HeapStore();
    HeapStore store = new HeapStore();
    Sequence kept = Sequence.open(head, keptStore, family.anchors(DIM));
    SequenceModel model = new SequenceModel(SCALE, head.decay());
    RandomEvents.Timestamps timestamps = new RandomEvents.Timestamps(random);
    boolean extreme = random.nextInt(3) == 0;
    StateLayout layout = head.layout();
    int n = 4 * layout.exactTokens() + random.nextInt(layout.cutSize());
    for (int j = 0; j < n; j++) {
      Step step =
          new Step(
              j,
              Streams.vector(random, DIM, 1),
              Streams.vector(random, VALUE_DIM, 1),
              extreme ? RandomEvents.bias(random) : (float) random.nextGaussian(),
              head.decay().byTokens() ? 0 : timestamps.next(),
              old(random, model));
      model.accept(j, step.key, step.value, step.bias, step.time);
      boolean retracted = step.happen(kept);
      try (Sequence opened = Sequence.open(head, store, family.anchors(DIM))) {
        assertThat(step.happen(opened)).isEqualTo(retracted);
      }
      if (retracted) {
        model.retract(step.old.key(), step.old.value(), step.old.bias());
      }
      if (!model.tokens().isEmpty() && (random.nextInt(25) == 0 || j == n - 1)) {
        QueryBlock queries = Streams.queries(random, 3, DIM, 0.7, SCALE);
        long time = model.clock() + random.nextLong(1_000_000);
        Answers answers = kept.answer(queries, time);
        assertSameBits(
            Sequence.open(head, store, family.anchors(DIM)).answer(queries, time), answers);
        assertFollows(answers, model, queries, time, family, kept.header().isExact());
      }
    }
    kept.save();
    assertSameState(store, keptStore);
    assertThat(store.header().isExact()).isFalse();
  }

  private static SequenceModel.Held old(Random random, SequenceModel model) {
    int tokens = model.tokens().size();
    return tokens == 0 || random.nextInt(10) > 0
        ? null
        : model.tokens().get(random.nextInt(tokens));
  }

  private static void assertSameBits(Answers answers, Answers others) {
    assertThat(answers.outputs()).isDeepEqualTo(others.outputs());
    assertThat(answers.error()).isEqualTo(others.error());
    assertThat(answers.logNormalizer()).isEqualTo(others.logNormalizer());
    assertThat(answers.logNormalizerError()).isEqualTo(others.logNormalizerError());
    assertThat(answers.beyondBound()).isEqualTo(others.beyondBound());
  }

  private static void assertSameState(HeapStore store, HeapStore other) {
    assertThat(store.header().toByteArray()).isEqualTo(other.header().toByteArray());
    assertThat(store.sketchBytes()).isEqualTo(other.sketchBytes());
    TokenBlock pending = store.pending(DIM, VALUE_DIM);
    TokenBlock others = other.pending(DIM, VALUE_DIM);
    assertThat(pending.count()).isEqualTo(others.count());
    assertThat(pending.keys()).isEqualTo(others.keys());
    assertThat(pending.values()).isEqualTo(others.values());
    assertThat(pending.signs()).isEqualTo(others.signs());
    assertThat(pending.biases()).isEqualTo(others.biases());
    assertThat(pending.times()).isEqualTo(others.times());
  }

  private static void assertFollows(
      Answers answers,
      SequenceModel model,
      QueryBlock queries,
      long time,
      FamilyCase family,
      boolean exact) {
    SequenceModel.Answered truth = model.answer(queries, time);
    double error = Streams.distance(Streams.flat(answers.outputs()), truth.outputs(), VALUE_DIM);
    assertThat(error).as("%s", family).isFinite();
    assertThat(answers.logNormalizer()).as("%s", family).doesNotContain(Double.NaN);
    if ((family.noisy() && !exact) || model.peak(queries) > MOSTLY_RETRACTED) {
      return;
    }
    double bound = exact ? ROUNDING : bound(family);
    assertThat(error)
        .as("%s, %d tokens", family, model.accepted())
        .isLessThanOrEqualTo(bound * model.largestValue());
    for (int q = 0; q < queries.count(); q++) {
      assertThat(answers.logNormalizer()[q])
          .as("%s, %d tokens", family, model.accepted())
          .isCloseTo(truth.logNormalizers()[q], within(LOG_NORMALIZER * bound));
    }
  }

  /**
   * Returns the largest error of an output after exact mode, in units of the largest value: three
   * times the largest one measured. Logits are about 1 at most; tokens have any weights.
   */
  private static double bound(FamilyCase family) {
    if (family.heads() != FamilyCase.Heads.WITHOUT_SET) {
      return 6e-3;
    }
    if ("moments".equals(family.parameters().get(OnepassFamily.FORM))) {
      return 0.08;
    }
    return switch (family.family().name()) {
      case "polynomial", "onepass" -> 3e-4;
      case "ridge" -> 0.06;
      default -> 2e-3;
    };
  }
}
