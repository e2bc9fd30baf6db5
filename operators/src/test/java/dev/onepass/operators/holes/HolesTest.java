// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.holes;

import static dev.onepass.operators.sequence.TestOptions.CUT;
import static dev.onepass.operators.sequence.TestOptions.FOLDING;
import static dev.onepass.operators.sequence.TestOptions.TIME_TO_LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.event.Hole;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.sequence.RunningSequences;
import dev.onepass.operators.sequence.SequenceOptions;
import dev.onepass.operators.sequence.TestOptions;
import dev.onepass.operators.sequence.TokenStream;
import dev.onepass.operators.sequence.waiting.WaitingLimits;
import dev.onepass.operators.sharding.RunningShards;
import dev.onepass.operators.sharding.ShardOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks which sequences say that they may lack tokens. */
class HolesTest {

  private final TokenStream tokens = new TokenStream(31);
  private final float[] queries = tokens.queries(2);
  @TempDir Path directory;
  private RunningSequences running;
  private RunningSequences.One sequence;

  @BeforeEach
  void start() throws Exception {
    running = new RunningSequences(TestOptions.immortal(), directory);
    sequence = running.sequence(FOLDING, "s");
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  /** Adds a hole in partition 0 that ends before the next record. */
  private void lose() throws Exception {
    running.tell(new Hole("attention.tokens", 0, running.offset(), false));
  }

  private boolean isIncomplete(RunningSequences.One one) throws Exception {
    boolean said = one.ask(queries).incomplete();
    assertThat(one.stats().incomplete()).isEqualTo(said);
    return said;
  }

  @Test
  void withoutHolesNothingIsMarkedOrStored() throws Exception {
    sequence.take(tokens, 7, 9);

    assertThat(isIncomplete(sequence)).isFalse();
    assertThat(running.holes()).isEmpty();
    sequence.forget();
    assertThat(running.stateEntries()).isZero();
    assertThat(running.counter("incompleteAnswers")).isZero();
  }

  @Test
  void onlySequencesThatBeganBeforeAHoleAreMarked() throws Exception {
    sequence.take(tokens, 0, 3);
    RunningSequences.One withoutPositions = running.sequence(FOLDING, "without positions");
    withoutPositions.takeWithoutPosition(tokens, 0);
    lose();
    RunningSequences.One younger = running.sequence(FOLDING, "younger");
    younger.take(tokens, 0, 3);
    RunningSequences.One youngerWithoutPositions = running.sequence(FOLDING, "neither");
    youngerWithoutPositions.takeWithoutPosition(tokens, 0);

    assertThat(isIncomplete(sequence)).isTrue();
    assertThat(isIncomplete(withoutPositions)).isTrue();
    assertThat(isIncomplete(younger)).isFalse();
    assertThat(isIncomplete(youngerWithoutPositions)).isFalse();
    assertThat(running.counter("incompleteAnswers")).isEqualTo(2);
  }

  @Test
  void aSequenceWithANonZeroFirstPositionMayHaveBegunBeforeTheHole() throws Exception {
    lose();
    sequence.take(tokens, 1, 3);

    assertThat(isIncomplete(sequence)).isTrue();
  }

  @Test
  void aSequenceWithoutTokensIsNotMarked() throws Exception {
    lose();

    assertThat(isIncomplete(sequence)).isFalse();
  }

  @Test
  void holesOfOtherPartitionsDoNotMatter() throws Exception {
    sequence.from(3).take(tokens, 0, 3);
    lose();

    assertThat(isIncomplete(sequence)).isFalse();
  }

  @Test
  void theStateDoesNotDependOnTheOrderOfPartitionsAndSurvivesRescaling() throws Exception {
    sequence.take(tokens, 0, 3);
    running.restart(3);
    running.tell(
        new Hole("t", 0, 7, false), new Hole("t", 1, 90, false), new Hole("t", 2, 4, true));
    running.tell(new Hole("t", 0, 5, false));
    Map<Integer, List<Long>> held =
        Map.of(0, List.of(0L, 7L), 1, List.of(0L, 90L), 2, List.of(1L, 4L));
    assertThat(running.holes()).isEqualTo(held);

    running.restart(2);

    assertThat(running.holes()).isEqualTo(held);
    assertThat(isIncomplete(sequence)).isTrue();
    RunningSequences.Checkpoint checkpoint = running.checkpoint();
    running.tell(new Hole("t", 0, 100, false));
    running.restore(checkpoint, 1);
    assertThat(running.holes()).isEqualTo(held);
  }

  @Test
  void anOlderSavepointIsRestoredWithoutHoles() throws Exception {
    sequence.take(tokens, 0, 3);
    lose();

    running.restartWithoutOperatorState(2);

    assertThat(running.holes()).isEmpty();
    assertThat(isIncomplete(sequence)).isFalse();
    lose();
    assertThat(isIncomplete(sequence)).isTrue();
  }

  /** The older build did not store its partition; the next token brings it. */
  @Test
  void aSequenceOfAnOlderSavepointIsOlderThanAllHoles() throws Exception {
    sequence.take(tokens, 0, 3);
    sequence.loseOrigin();
    running.restart(1);
    lose();
    assertThat(isIncomplete(sequence)).as("partition unknown").isFalse();

    sequence.take(tokens, 3);

    assertThat(isIncomplete(sequence)).isTrue();
    assertThat(running.counter("sequencesMoved")).isZero();
  }

  @Test
  void aTopicThatIsCreatedAgainMarksAllEarlierSequences() throws Exception {
    sequence.take(tokens, 0, 3);
    running.tell(new Hole("t", 0, 0, true));
    RunningSequences.One younger = running.sequence(FOLDING, "younger");
    younger.take(tokens, 0, 3);
    assertThat(isIncomplete(sequence)).isTrue();
    assertThat(isIncomplete(younger)).isFalse();

    running.restart(2);
    running.tell(new Hole("t", 0, 0, true));

    assertThat(isIncomplete(younger)).isTrue();
    assertThat(running.holes()).isEqualTo(Map.of(0, List.of(2L, 0L)));
  }

  /** The end of a hole is an offset of the deleted topic. */
  @Test
  void holesOfADeletedTopicDoNotMatterToLaterSequences() throws Exception {
    running.tell(new Hole("t", 0, 1_000_000, false), new Hole("t", 0, 0, true));
    sequence.take(tokens, 0, 3);

    assertThat(isIncomplete(sequence)).isFalse();
  }

  @Test
  void afterAForgetOnlyLaterHolesCount() throws Exception {
    sequence.take(tokens, 0, 3);
    lose();
    sequence.forget();
    sequence.take(tokens, 3, 5);
    assertThat(isIncomplete(sequence)).isFalse();

    running.restart(2);
    sequence.retract(tokens, 4);
    lose();

    assertThat(isIncomplete(sequence)).isTrue();
    sequence.forget();
    assertThat(isIncomplete(sequence)).as("without tokens").isFalse();
  }

  @Test
  void theOriginOfAForgetExpiresLikeASequence() throws Exception {
    running.restart(TestOptions.mortal());
    sequence.take(tokens, 0, 3);
    lose();
    sequence.forget();
    running.sequence(FOLDING, "never was").forget();
    assertThat(running.stateEntries()).as("header and timer of one sequence").isEqualTo(2);

    running.pass(TIME_TO_LIVE.plus(Duration.ofSeconds(2)));

    assertThat(running.stateEntries()).isZero();
    assertThat(running.counter("expired")).isZero();
  }

  @Test
  void aSequenceThatMovesToAnotherPartitionIsCountedAndStaysMarked() throws Exception {
    RunningSequences.One whole = running.sequence(FOLDING, "whole");
    whole.take(tokens, 0, 3);
    whole.from(1).take(tokens, 3, 5);
    assertThat(running.counter("sequencesMoved"))
        .as("only the first token in the other partition")
        .isEqualTo(1);
    sequence.take(tokens, 0, 3);
    lose();
    sequence.from(1).take(tokens, 3, 5);

    assertThat(isIncomplete(sequence)).isTrue();
    assertThat(isIncomplete(whole)).isFalse();
    running.tell(new Hole("t", 1, running.offset(), false));
    assertThat(isIncomplete(whole)).isTrue();
    sequence.forget();
    sequence.take(tokens, 0, 3);
    assertThat(isIncomplete(sequence)).isFalse();
  }

  /** Sends even positions from one partition, and later odd positions from another. */
  @Test
  void duplicatesFromAnotherPartitionAreCountedAsMoved() throws Exception {
    for (int token = 0; token < 10; token += 2) {
      sequence.take(tokens, token);
    }
    for (int token = 1; token < 10; token += 2) {
      sequence.from(1).take(tokens, token);
    }

    assertThat(running.counter("duplicates")).isEqualTo(4);
    assertThat(running.counter("sequencesMoved")).isEqualTo(5);
    assertThat(sequence.stats().tokens()).isEqualTo(6);
  }

  @Test
  void theFirstPositionOfAShardMayBeAboveZero() throws Exception {
    SequenceOptions options =
        new SequenceOptions(
            List.of(TestOptions.folding()),
            TestOptions.TIMEOUT,
            WaitingLimits.ofQueries(3),
            null,
            AnchorOptions.FROM_THE_TOPIC,
            new ShardOptions(4, Set.of("hot", "late", "old")));
    try (RunningShards shards = new RunningShards(options, directory.resolve("shards"), 2)) {
      RunningShards.One old = shards.sequence(FOLDING, "old");
      old.take(tokens, 0, CUT);
      shards.tell(new Hole("attention.tokens", 0, shards.offset(), false));
      RunningShards.One hot = shards.sequence(FOLDING, "hot");
      hot.take(tokens, 0, 4 * CUT);
      RunningShards.One late = shards.sequence(FOLDING, "late");
      late.take(tokens, CUT + 1, 2 * CUT);

      assertThat(isIncomplete(old)).isTrue();
      assertThat(isIncomplete(hot)).isFalse();
      assertThat(isIncomplete(late)).isTrue();
    }
  }

  private boolean isIncomplete(RunningShards.One one) throws Exception {
    Reply.Answer answer = one.ask(queries);
    assertThat(one.stats().incomplete()).isEqualTo(answer.incomplete());
    return answer.incomplete();
  }
}
