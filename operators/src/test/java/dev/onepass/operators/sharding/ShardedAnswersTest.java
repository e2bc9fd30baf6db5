// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sharding;

import static dev.onepass.operators.sequence.TestOptions.MAX_WAITING;
import static dev.onepass.operators.sequence.TestOptions.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.anchors.AnchorSetSamples;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.sequence.SequenceOptions;
import dev.onepass.operators.sequence.TokenStream;
import dev.onepass.operators.sequence.waiting.WaitingLimits;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.cluster.ClusterFamily;
import dev.onepass.sketch.exact.ExactAttention;
import dev.onepass.sketch.exact.ExactFamily;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.HeapStore;
import dev.onepass.sketch.sequence.Sequence;
import dev.onepass.sketch.sequence.SequencePart;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks the answers of sharded sequences of every family. */
class ShardedAnswersTest {
  private static final int SHARDS = 4;
  private static final int CUT = 8;
  private static final double ROUNDING = 1e-5;

  /** Number of tokens after which every shard has left exact mode. */
  private static final int MANY = 4 * 1_300;

  private final TokenStream tokens = new TokenStream(21);
  private final float[] queries = tokens.queries(16);
  private final AnchorSet set = AnchorSetSamples.set(5, 1);
  @TempDir Path directory;

  static List<SketchFamily> families() {
    return SketchFamilies.all();
  }

  private static HeadSpec head(SketchFamily family) {
    // The polynomial's tolerance is far below the equality that the test expects.
    Map<String, String> parameters =
        Map.of("onepass.logit-bound", "1", "onepass.tolerance", "1e-6", "onepass.recover-k", "0");
    int stateSize = family == ExactFamily.INSTANCE ? 64 * 1024 : 32 * 1024;
    return new HeadSpec(
        family.name(),
        TokenStream.KEY_DIM,
        TokenStream.VALUE_DIM,
        TokenStream.SCALE,
        stateSize,
        CUT,
        family,
        7,
        parameters);
  }

  private RunningShards start(SketchFamily family, int parallelism) throws Exception {
    SequenceOptions options =
        new SequenceOptions(
            List.of(head(family)),
            TIMEOUT,
            WaitingLimits.ofQueries(MAX_WAITING),
            null,
            AnchorOptions.FROM_THE_TOPIC,
            new ShardOptions(SHARDS, Set.of("hot", "other")));
    RunningShards running = new RunningShards(options, directory, parallelism);
    running.broadcast(family.name(), set.toByteArray());
    return running;
  }

  /** Returns the parts as the library makes them, without operators. */
  private List<SequencePart> parts(SketchFamily family, int count, int shards) {
    AnchorSets anchors = family.usesAnchors() ? AnchorSets.of(set) : AnchorSets.NONE;
    List<SequencePart> parts = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      Sequence sequence = Sequence.open(head(family), new HeapStore(), anchors);
      for (int token = 0; token < count; token++) {
        if (Shards.of(token, CUT, shards) == shard) {
          sequence.accept(token, tokens.key(token), tokens.value(token));
        }
      }
      int rows = queries.length / TokenStream.KEY_DIM;
      parts.add(
          sequence.part(new QueryBlock(queries, rows, TokenStream.KEY_DIM, TokenStream.SCALE), 0));
    }
    return parts;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("families")
  void inExactModeTheAnswerIsExact(SketchFamily family) throws Exception {
    try (RunningShards running = start(family, 2)) {
      RunningShards.One hot = running.sequence(family.name(), "hot");
      int count = 0;
      for (int upTo : List.of(1, CUT, CUT + 3, 5 * CUT + 1, 300)) {
        hot.take(tokens, count, upTo);
        count = upTo;

        Reply.Answer answer = hot.ask(queries);

        TokenStream.assertClose(answer, tokens.oracle(queries, count), ROUNDING);
        assertThat(answer.exact()).isTrue();
        assertThat(answer.error()).containsOnly(0);
        assertThat(answer.tokens()).isEqualTo(count);
        assertThat(answer.position()).isEqualTo(count - 1);
        assertThat(answer.sketch()).isEqualTo(family.name());
        assertThat(answer.anchorsVersion()).isZero();
        assertThat(answer.timedOut()).isFalse();
        assertThat(answer.firstRow()).isEqualTo(-1);
      }
      assertThat(running.deadLetters()).isEmpty();
      assertThat(running.mergersEntries()).isZero();
    }
  }

  /**
   * After exact mode, the answer is made from the sums of all shards. Each shard has learned its
   * own centre or clusters, so one sketch of all tokens gives the same answer only as far as its
   * family is exact: to 1e-5 for families with features, and otherwise no worse.
   */
  @ParameterizedTest(name = "{0}")
  @MethodSource("families")
  void afterExactModeTheAnswerIsNoWorseThanUnsharded(SketchFamily family) throws Exception {
    try (RunningShards running = start(family, 3)) {
      RunningShards.One hot = running.sequence(family.name(), "hot");
      int count = family == ExactFamily.INSTANCE ? 4 * 1_600 : MANY;
      hot.take(tokens, 0, count);

      Reply.Answer answer = hot.ask(queries);

      List<SequencePart> parts = parts(family, count, SHARDS);
      Answers expected = SequencePart.answers(parts);
      assertThat(answer.outputs()).isDeepEqualTo(expected.outputs());
      assertThat(answer.logNormalizer()).isEqualTo(expected.logNormalizer());
      assertThat(answer.error()).isEqualTo(expected.error());
      assertThat(answer.beyondBound()).isEqualTo(expected.beyondBound());
      assertThat(answer.tokens()).isEqualTo(count);
      assertThat(answer.position()).isEqualTo(count - 1);
      assertThat(answer.sketch()).isEqualTo(family.name());
      assertThat(answer.exact()).isEqualTo(family == ExactFamily.INSTANCE);
      assertThat(answer.anchorsVersion()).isEqualTo(family.usesAnchors() ? 5 : 0);
      ExactAttention.Result oracle = tokens.oracle(queries, count);
      double sharded = rootMeanSquare(answer.outputs(), oracle);
      if (family == ExactFamily.INSTANCE) {
        // One sequence of this state size would have refused three quarters of the tokens.
        assertThat(sharded).isLessThan(ROUNDING);
        return;
      }
      Answers whole = SequencePart.answers(parts(family, count, 1));
      double unsharded = rootMeanSquare(whole.outputs(), oracle);
      assertThat(sharded)
          .as("error; that of one sequence is %g", unsharded)
          .isLessThan(1.1 * unsharded + ROUNDING);
      if (List.of("polynomial", "onepass").contains(family.name())) {
        for (int q = 0; q < whole.outputs().length; q++) {
          for (int c = 0; c < TokenStream.VALUE_DIM; c++) {
            assertThat((double) answer.outputs()[q][c])
                .isCloseTo(whole.outputs()[q][c], within(ROUNDING));
          }
          assertThat(answer.logNormalizer()[q])
              .isCloseTo(whole.logNormalizer()[q], within(ROUNDING));
        }
      }
    }
  }

  private static double rootMeanSquare(float[][] outputs, ExactAttention.Result oracle) {
    double square = 0;
    int count = 0;
    for (float[] output : outputs) {
      for (float coordinate : output) {
        square += Math.pow(coordinate - oracle.outputs()[count++], 2);
      }
    }
    return Math.sqrt(square / count);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("families")
  void halfOfTheShardsMayStillBeExact(SketchFamily family) throws Exception {
    try (RunningShards running = start(family, 2)) {
      RunningShards.One hot = running.sequence(family.name(), "hot");
      // Positions of the first two shards only, as after a gap.
      int taken = 0;
      List<Integer> numbers = new ArrayList<>();
      for (int position = 0; taken < 2_800; position++) {
        int shard = Shards.of(position, CUT, SHARDS);
        if (shard < 2 || position < 4 * CUT) {
          hot.take(position, tokens, position);
          numbers.add(position);
          taken++;
        }
      }

      Reply.Answer answer = hot.ask(queries);

      boolean exact = family == ExactFamily.INSTANCE;
      assertThat(answer.exact()).isEqualTo(exact);
      assertThat(answer.tokens()).isEqualTo(2_800);
      assertThat(answer.anchorsVersion()).isEqualTo(family.usesAnchors() ? 5 : 0);
      // Sixteen anchors are few.
      TokenStream.assertClose(answer, tokens.oracle(queries, numbers), 0.15);
      boolean stated = family.usesAnchors() || family == ClusterFamily.INSTANCE || exact;
      for (float error : answer.error()) {
        assertThat(Float.isNaN(error)).isEqualTo(!stated);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("families")
  void aRetractedTokenIsSubtractedFromItsShard(SketchFamily family) throws Exception {
    try (RunningShards running = start(family, 2)) {
      RunningShards.One hot = running.sequence(family.name(), "hot");
      hot.take(tokens, 0, 100);
      hot.retract(17, tokens, 17);
      hot.retract(99, tokens, 99);

      Reply.Answer answer = hot.ask(queries);

      List<Integer> left = new ArrayList<>();
      for (int token = 0; token < 99; token++) {
        if (token != 17) {
          left.add(token);
        }
      }
      TokenStream.assertClose(answer, tokens.oracle(queries, left), ROUNDING);
      assertThat(answer.tokens()).isEqualTo(98);
      assertThat(running.deadLetters()).isEmpty();

      hot.retract(18, tokens, 30);
      assertThat(running.deadLetters())
          .as("token 30 is not in the shard of position 18")
          .singleElement()
          .satisfies(
              letter ->
                  assertThat(letter.error())
                      .isEqualTo("op: the sequence has no such token to retract"));
    }
  }

  @Test
  void aSequenceWithoutTokensAnswersWithoutRows() throws Exception {
    try (RunningShards running = start(families().get(1), 2)) {
      RunningShards.One hot = running.sequence(families().get(1).name(), "hot");

      Reply.Answer answer = hot.ask(queries);

      assertThat(answer.outputs()).isEmpty();
      assertThat(answer.error()).isEmpty();
      assertThat(answer.logNormalizer()).isEmpty();
      assertThat(answer.tokens()).isZero();
      assertThat(answer.position()).isEqualTo(-1);
      assertThat(answer.exact()).isTrue();
    }
  }

  @Test
  void logitsOfAnySizeAddUp() throws Exception {
    SketchFamily family = families().get(1);
    try (RunningShards running = start(family, 2)) {
      RunningShards.One hot = running.sequence(family.name(), "hot");
      hot.take(tokens, 0, 3 * CUT);
      float[] huge = new float[2 * TokenStream.KEY_DIM];
      huge[0] = 1e30f;
      huge[TokenStream.KEY_DIM] = -1e30f;

      Reply.Answer answer = hot.ask(huge);

      ExactAttention.Result oracle = tokens.oracle(huge, 3 * CUT);
      for (int q = 0; q < 2; q++) {
        for (int c = 0; c < TokenStream.VALUE_DIM; c++) {
          assertThat((double) answer.outputs()[q][c])
              .isCloseTo(oracle.outputs()[q * TokenStream.VALUE_DIM + c], within(ROUNDING));
        }
      }
    }
  }
}
