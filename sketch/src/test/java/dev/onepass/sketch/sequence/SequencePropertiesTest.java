// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.sketch.api.QuerySide;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.registry.FamilyCase;
import dev.onepass.sketch.registry.Streams;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** The invariants of a sequence, over every registered family. */
class SequencePropertiesTest {

  /** Returns a head of this state size, or of the first double of it that holds the family. */
  private static HeadSpec head(FamilyCase family, int d, int dv, int stateSize, int cutSize) {
    HeadSpec head =
        new HeadSpec("h", d, dv, 0.5, stateSize, cutSize, family.family(), 1, family.parameters());
    try {
      head.check();
      return head;
    } catch (IllegalArgumentException tooSmall) {
      assertThat(family.parameters()).as(tooSmall.getMessage()).isNotEmpty();
      return head(family, d, dv, 2 * stateSize, cutSize);
    }
  }

  /**
   * Feeds the tokens from {@code from} to {@code to}; may retract an older one after every seventh.
   */
  private static void feed(
      Sequence sequence, TokenBlock stream, int from, int to, boolean retract) {
    for (int j = from; j < to; j++) {
      TokenBlock token = stream.slice(j, j + 1);
      sequence.accept(j, token.keys(), token.values());
      if (retract && j % 7 == 6) {
        TokenBlock old = stream.slice(j / 2, j / 2 + 1);
        sequence.retract(old.keys(), old.values());
      }
      sequence.save();
    }
  }

  private static long storedBytes(HeapStore store, StateLayout layout, int d, int dv) {
    byte[] sketch = store.sketchBytes();
    byte[] queries = store.queries();
    return StateLayout.RESERVED_BYTES
        + (long) layout.tokenBytes() * store.pending(d, dv).count()
        + (sketch == null ? 0 : sketch.length)
        + (queries == null ? 0 : queries.length);
  }

  /** Answers as the job does: queries are remembered. */
  private static void ask(Sequence sequence, QueryBlock queries) {
    sequence.answerAndRemember(queries, 0);
    sequence.save();
  }

  private static boolean closesTokens(HeadSpec head) {
    return head.family()
        .querySide(head.sketchConfig(head.layout()))
        .map(QuerySide::closesTokens)
        .orElse(false);
  }

  /** Invariant 1, at every n, with the sketch of queries. */
  @Property(seed = "1", tries = 60, shrinking = ShrinkingMode.OFF)
  void bytesNeverExceedTheStateSize(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 8) int d,
      @ForAll @IntRange(min = 1, max = 8) int dv,
      @ForAll @IntRange(min = 2500, max = 9000) int stateSize,
      @ForAll boolean retract) {
    for (FamilyCase family : FamilyCase.all()) {
      HeadSpec head = head(family, d, dv, stateSize, 0);
      HeapStore store = new HeapStore();
      Sequence sequence = Sequence.open(head, store, family.anchors(d));
      StateLayout layout = head.layout();
      int n = layout.exactTokens() + 3 * layout.cutSize() + 5;
      TokenBlock stream = Streams.gaussian(new Random(seed), n, d, dv, 3);
      boolean last = closesTokens(head);
      for (int j = 0; j < n; j++) {
        feed(sequence, stream, j, j + 1, retract);
        if (last ? j == n - 1 : j % 50 == 0) {
          ask(sequence, Streams.queries(new Random(seed), 2, d, 1, 1));
        }
        long bytes = storedBytes(store, layout, d, dv);
        assertThat(bytes).isLessThanOrEqualTo(head.stateSize());
        Header header = store.header();
        assertThat(header.stateBytes()).isEqualTo(bytes);
        if (!header.isExact()) {
          assertThat(4 * header.pending() * layout.tokenBytes())
              .isLessThanOrEqualTo(head.stateSize());
        }
      }
    }
  }

  /** Invariant 5: 1e-5 rms|v|, and the outputs' own rounding to floats. */
  @Property(seed = "5", tries = 60, shrinking = ShrinkingMode.OFF)
  void exactModeIsExact(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 8) int d,
      @ForAll @IntRange(min = 1, max = 60) int n,
      @ForAll @IntRange(min = -3, max = 15) int magnitude) {
    Random random = new Random(seed);
    // At magnitude 15, logits reach 1e30.
    TokenBlock stream = Streams.gaussian(random, n, d, 2, Math.pow(10, magnitude));
    QueryBlock queries = Streams.queries(random, 5, d, Math.pow(10, magnitude), 0.5);
    for (FamilyCase family : FamilyCase.all()) {
      HeapStore store = new HeapStore();
      Sequence sequence = Sequence.open(head(family, d, 2, 8192, 0), store, family.anchors(d));
      feed(sequence, stream, 0, n, false);
      assertThat(sequence.header().isExact()).isTrue();
      Answers answers = sequence.answer(queries);
      ExactAttention.Result truth = Streams.oracle(stream, queries);
      assertThat(Streams.distance(Streams.flat(answers.outputs()), truth.outputs(), 2))
          .isLessThanOrEqualTo(1e-5 * Streams.rmsValue(stream) + 1e-7 * Streams.maxValue(stream));
      assertThat(answers.error()).containsOnly(0);
      assertThat(answers.beyondBound()).isNull();
    }
  }

  /** Invariant 6, with numbers as large and as small as floats can be, in every mode. */
  @Property(seed = "6", tries = 60, shrinking = ShrinkingMode.OFF)
  void answersAreFiniteAndInTheRangeOfTheValues(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int d, @ForAll boolean retract) {
    Random random = new Random(seed);
    for (FamilyCase family : FamilyCase.all()) {
      HeapStore store = new HeapStore();
      HeadSpec head = head(family, d, 2, 3000, 0);
      Sequence sequence = Sequence.open(head, store, family.anchors(d));
      int n = head.layout().exactTokens() + 60;
      float[] keys = hostile(random, n * d);
      float[] values = hostile(random, n * 2);
      TokenBlock stream = TokenBlock.of(d, 2, n, keys, values);
      QueryBlock queries = new QueryBlock(hostile(random, 8 * d), 8, d, 0.5);
      for (int j = 0; j < n; j++) {
        feed(sequence, stream, j, j + 1, retract);
        if (j % 13 != 0 && j < n - 3) {
          continue;
        }
        Answers answers = sequence.answer(queries);
        for (int q = 0; q < answers.outputs().length; q++) {
          assertThat(answers.logNormalizer()[q]).isFinite();
          for (int c = 0; c < 2; c++) {
            float low = Float.POSITIVE_INFINITY;
            float high = Float.NEGATIVE_INFINITY;
            for (int i = 0; i <= j; i++) {
              low = Math.min(low, values[2 * i + c]);
              high = Math.max(high, values[2 * i + c]);
            }
            assertThat(answers.outputs()[q][c]).isBetween(low, high);
          }
        }
      }
    }
  }

  private static float[] hostile(Random random, int count) {
    float[] special = {
      1, -1, 0, Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE, 1e30f, -1e-30f, 3e4f
    };
    int kinds = 1 + random.nextInt(special.length);
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = special[random.nextInt(kinds)];
    }
    return x;
  }

  /** Queries and reopening leave no trace: equal tokens make equal bytes. */
  @Property(seed = "7", tries = 40, shrinking = ShrinkingMode.OFF)
  void equalStreamsMakeEqualBytesWhateverIsAskedInBetween(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int d,
      @ForAll @IntRange(min = 0, max = 10) int cutSize,
      @ForAll boolean retract) {
    Random random = new Random(seed);
    for (FamilyCase family : FamilyCase.all()) {
      HeadSpec head = head(family, d, 3, 3000, cutSize);
      int n = head.layout().exactTokens() + 100;
      TokenBlock stream = Streams.gaussian(random, n, d, 3, 1);
      HeapStore quiet = new HeapStore();
      feed(Sequence.open(head, quiet, family.anchors(d)), stream, 0, n, retract);
      HeapStore asked = new HeapStore();
      for (int j = 0; j < n; j++) {
        // Opened for each token, as after a restart.
        Sequence sequence = Sequence.open(head, asked, family.anchors(d));
        feed(sequence, stream, j, j + 1, retract);
        for (int i = random.nextInt(3); i > 0; i--) {
          QueryBlock queries = Streams.queries(random, 2, d, 1, 1);
          if (closesTokens(head)) {
            sequence.answer(queries);
          } else {
            ask(sequence, queries);
          }
        }
      }
      Header header = asked.header();
      header.queryBytes(0);
      assertThat(header.toByteArray()).isEqualTo(quiet.header().toByteArray());
      assertThat(asked.sketchBytes()).isEqualTo(quiet.sketchBytes());
      TokenBlock left = asked.pending(d, 3);
      TokenBlock right = quiet.pending(d, 3);
      assertThat(left.count()).isEqualTo(right.count());
      assertThat(left.slice(0, left.count()).keys()).isEqualTo(right.keys());
      assertThat(left.values()).isEqualTo(right.values());
      assertThat(left.signs()).isEqualTo(right.signs());
    }
  }
}
