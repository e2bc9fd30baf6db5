// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.registry.Streams;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** Sequences in exact mode against {@link SequenceModel}, over random events. */
class SequenceModelTest {

  private static final int DIM = 3;
  private static final int VALUE_DIM = 2;
  private static final double SCALE = 0.5;

  /**
   * Error of a bias: own bias and decay together are rounded to a float, and matter up to about 80
   * in size.
   */
  private static final double ROUNDING = 0x1p-18;

  private static HeadSpec head(Decay decay) {
    return new HeadSpec("h", DIM, VALUE_DIM, SCALE, 8_192, 0, ExactFamily.INSTANCE, 1, Map.of())
        .withDecay(decay);
  }

  private static QueryBlock queries(Random random, int count) {
    return Streams.queries(random, count, DIM, 3 * random.nextDouble(), SCALE);
  }

  private static void assertSameCounts(Sequence sequence, SequenceModel model) {
    Header header = sequence.header();
    assertThat(sequence.tokens()).isEqualTo(model.tokens().size());
    assertThat(header.accepted()).isEqualTo(model.accepted());
    assertThat(header.duplicates()).isEqualTo(model.duplicates());
    assertThat(header.lastPosition()).isEqualTo(model.lastPosition());
    if (header.decay().isOn()) {
      assertThat(header.clock()).isEqualTo(model.clock());
    }
  }

  private static void assertSameAnswers(
      Answers answers, SequenceModel model, QueryBlock queries, long time) {
    if (model.tokens().isEmpty()) {
      assertThat(answers).isSameAs(Answers.NONE);
      return;
    }
    SequenceModel.Answered truth = model.answer(queries, time);
    assertThat(Streams.distance(Streams.flat(answers.outputs()), truth.outputs(), VALUE_DIM))
        .isLessThanOrEqualTo(2 * ROUNDING * model.largestValue());
    for (int q = 0; q < queries.count(); q++) {
      double logNormalizer = truth.logNormalizers()[q];
      assertThat(answers.logNormalizer()[q])
          .isCloseTo(logNormalizer, within(ROUNDING + 1e-15 * Math.abs(logNormalizer)));
    }
    assertThat(answers.error()).containsOnly(0);
    assertThat(answers.logNormalizerError()).containsOnly(0);
  }

  /** Every event has the result that the model says, and so has every answer. */
  @Property(seed = "31", tries = 400, shrinking = ShrinkingMode.OFF)
  void exactSequencesFollowTheModel(@ForAll long seed) {
    Random random = new Random(seed);
    Decay decay = RandomEvents.decay(random);
    HeapStore store = new HeapStore();
    Sequence sequence = Sequence.open(head(decay), store);
    SequenceModel model = new SequenceModel(SCALE, decay);
    RandomEvents.Timestamps timestamps = new RandomEvents.Timestamps(random);
    boolean positions = random.nextBoolean();
    List<SequenceModel.Held> seen = new ArrayList<>();
    long position = -1;
    for (int event = 0; event < 150; event++) {
      int kind = random.nextInt(100);
      if (kind < 70) {
        position += random.nextInt(20) == 0 ? -random.nextInt(3) : 1 + random.nextInt(3);
        position = Math.max(0, position);
        long sent = (random.nextInt(30) == 0) == positions ? Sequence.NO_POSITION : position;
        SequenceModel.Held token = token(random, seen);
        // The number of accepted tokens is the time of a decay by tokens.
        long time = decay.byTokens() ? 0 : timestamps.next();
        assertThat(sequence.accept(sent, token.key(), token.value(), token.bias(), time))
            .isEqualTo(model.accept(sent, token.key(), token.value(), token.bias(), time));
        seen.add(token);
      } else if (kind < 85) {
        SequenceModel.Held token = token(random, seen);
        long time = random.nextBoolean() ? Sequence.NO_TIME : random.nextLong(1L << 40);
        assertThat(sequence.retract(token.key(), token.value(), token.bias(), time))
            .isEqualTo(model.retract(token.key(), token.value(), token.bias()));
      } else if (kind < 86) {
        sequence.forget();
        model.forget();
      } else {
        long time = model.clock() + timestamps.step() * (random.nextInt(9) - 4);
        QueryBlock queries = queries(random, 3);
        assertSameAnswers(sequence.answer(queries, time), model, queries, time);
      }
      if (random.nextInt(4) == 0) {
        sequence.save();
        sequence = Sequence.open(head(decay), store);
      }
      assertSameCounts(sequence, model);
    }
    assertThat(sequence.header().isExact()).isTrue();
    QueryBlock queries = queries(random, 3);
    assertSameAnswers(sequence.answer(queries), model, queries, 0);
  }

  /**
   * A sequence that is kept in shards answers like one that is not. Each shard knows the times of
   * its own tokens only, and may have lost all of them again.
   */
  @Property(seed = "32", tries = 300, shrinking = ShrinkingMode.OFF)
  void shardsTogetherFollowTheModel(@ForAll long seed) {
    Random random = new Random(seed);
    Decay decay = RandomEvents.decay(random);
    SequenceModel model = new SequenceModel(SCALE, decay);
    List<HeapStore> stores = Stream.generate(HeapStore::new).limit(1 + random.nextInt(8)).toList();
    List<Sequence> shards =
        stores.stream().map(store -> Sequence.open(head(decay), store)).toList();
    int cut = 1 + random.nextInt(10);
    RandomEvents.Timestamps timestamps = new RandomEvents.Timestamps(random);
    long latest = 0;
    for (int position = 0; position < 150; position++) {
      Sequence shard = shards.get(position / cut % shards.size());
      // A shard does not see late tokens as such, so a head with shards needs tokens in order.
      latest = Math.max(latest, timestamps.next());
      SequenceModel.Held token = token(random, List.of());
      shard.accept(
          position, token.key(), token.value(), token.bias(), time(decay, position, latest));
      model.accept(
          position, token.key(), token.value(), token.bias(), decay.byTokens() ? 0 : latest);
      if (random.nextInt(4) == 0) {
        SequenceModel.Held old = model.tokens().get(random.nextInt(model.tokens().size()));
        shards.forEach(some -> some.retract(old.key(), old.value(), old.bias(), old.time()));
        model.retract(old.key(), old.value(), old.bias());
      }
      if (random.nextInt(10) == 0) {
        long time = latest + timestamps.step() * (random.nextInt(9) - 4);
        QueryBlock queries = queries(random, 3);
        List<SequencePart> parts =
            shards.stream().map(some -> read(some.part(queries, time))).toList();
        assertSameAnswers(SequencePart.answers(parts), model, queries, time);
        assertThat(SequencePart.counts(parts).tokens()).isEqualTo(model.tokens().size());
      }
    }
  }

  private static long time(Decay decay, int position, long timestamp) {
    return decay.byTokens() ? position + 1 : timestamp;
  }

  private static SequencePart read(SequencePart part) {
    return SequencePart.fromByteArray(part.toByteArray());
  }

  /** Returns a new token, or one that was there before. */
  private static SequenceModel.Held token(Random random, List<SequenceModel.Held> seen) {
    if (!seen.isEmpty() && random.nextBoolean()) {
      return seen.get(random.nextInt(seen.size()));
    }
    float[] key = Streams.vector(random, DIM, 1);
    return new SequenceModel.Held(
        key, Streams.vector(random, VALUE_DIM, 1), RandomEvents.bias(random), 0);
  }
}
