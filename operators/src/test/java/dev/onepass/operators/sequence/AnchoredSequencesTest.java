// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static dev.onepass.operators.anchors.AnchorSetSamples.set;
import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.anchors.StoredAnchorSet;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.sketch.anchored.AnchoredFamily;
import dev.onepass.sketch.sequence.Acceptance;
import dev.onepass.sketch.sequence.HeadSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sequence adopts an anchor set and keeps it. */
class AnchoredSequencesTest {

  private static final String HEAD = "anchored";

  /** A head that keeps anchors alone, without clusters. */
  private static final String ALONE = "alone";

  private static final int STATE_SIZE = 32 * 1024;
  private static final int KEEP = 2;

  /** A number of tokens with which every sequence has left exact mode. */
  private static final int MANY = 1_200;

  private final TokenStream tokens = new TokenStream(11);
  private final float[] queries = tokens.queries(3);
  private RunningSequences running;
  private RunningSequences.One sequence;
  @TempDir Path directory;

  private static SequenceOptions options(StoredAnchorSet... given) {
    HeadSpec head = TestOptions.head(HEAD, STATE_SIZE, 0, AnchoredFamily.HYBRID);
    AnchorOptions anchors =
        new AnchorOptions(List.of(given), KEEP, false, 16, Duration.ofMinutes(1));
    HeadSpec alone = TestOptions.head(ALONE, STATE_SIZE, 0, AnchoredFamily.ANCHORS);
    return TestOptions.of(null, anchors, head, alone);
  }

  @BeforeEach
  void start() throws Exception {
    running = new RunningSequences(options(), directory);
    sequence = running.sequence(HEAD, "s");
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  private void broadcast(int version) throws Exception {
    running.broadcast(HEAD, set(version, version).toByteArray());
  }

  @Test
  void aSequenceThatLeavesExactModeAdoptsTheCurrentSet() throws Exception {
    sequence.take(tokens, 0, 10);
    broadcast(1);
    assertThat(sequence.ask(queries).anchorsVersion()).isZero();

    sequence.take(tokens, 10, MANY);

    Reply.Answer answer = sequence.ask(queries);
    assertThat(answer.exact()).isFalse();
    assertThat(answer.anchorsVersion()).isEqualTo(1);
    assertThat(sequence.stats().anchorsVersion()).isEqualTo(1);
  }

  @Test
  void oneThatLeftBeforeGoesOnWithout() throws Exception {
    sequence.take(tokens, 0, MANY);
    assertThat(sequence.ask(queries).anchorsVersion()).isZero();

    broadcast(1);
    sequence.take(tokens, MANY, MANY + 300);

    Reply.Answer answer = sequence.ask(queries);
    assertThat(answer.exact()).isFalse();
    assertThat(answer.anchorsVersion()).isZero();
    assertThat(running.deadLetters()).isEmpty();
  }

  @Test
  void aNewVersionIsForNewSequences() throws Exception {
    broadcast(1);
    sequence.take(tokens, 0, MANY);
    Reply.Answer before = sequence.ask(queries);

    broadcast(2);
    running.restart(2);

    assertThat(sequence.ask(queries).outputs()).isDeepEqualTo(before.outputs());
    sequence.take(tokens, MANY, MANY + 300);
    assertThat(sequence.ask(queries).anchorsVersion()).isEqualTo(1);
    RunningSequences.One later = running.sequence(HEAD, "later");
    later.take(tokens, 0, MANY);
    assertThat(later.ask(queries).anchorsVersion()).isEqualTo(2);
  }

  /** However many newer ones there are, whichever subtask has the sequence. */
  @Test
  void aVersionThatASequenceAdoptedIsKept() throws Exception {
    broadcast(1);
    sequence.take(tokens, 0, MANY);
    float[][] before = sequence.ask(queries).outputs();
    for (int version = 2; version <= 5; version++) {
      broadcast(version);
      assertThat(sequence.ask(queries).outputs()).isDeepEqualTo(before);
    }
    assertThat(names(running)).containsExactly(1, 2, 3, 4, 5);

    for (int parallelism : new int[] {3, 1, 2}) {
      running.restart(parallelism);
      assertThat(names(running)).containsExactly(1, 4, 5);
      assertThat(sequence.ask(queries).outputs()).isDeepEqualTo(before);
    }
    assertThat(running.gauge("anchorSetsOlder")).isEqualTo(2);
    assertThat(running.deadLetters()).isEmpty();

    sequence.forget();
    running.restart(3);
    assertThat(names(running)).containsExactly(4, 5);
  }

  private List<Integer> names(RunningSequences of) throws Exception {
    return of.anchorSets().stream()
        .map(name -> Integer.parseInt(name.substring(HEAD.length() + 1)))
        .toList();
  }

  /** Its savepoint does not say which versions are adopted: all stay until one does. */
  @Test
  void afterAnOlderJobNothingIsLetGo() throws Exception {
    broadcast(1);
    sequence.take(tokens, 0, MANY);
    float[][] before = sequence.ask(queries).outputs();
    broadcast(2);
    broadcast(3);

    running.restartWithoutCounts(2);
    assertThat(names(running)).containsExactly(1, 2, 3);
    assertThat(sequence.ask(queries).outputs()).isDeepEqualTo(before);
    broadcast(4);
    running.restart(1);
    assertThat(names(running)).containsExactly(1, 3, 4);
    assertThat(sequence.ask(queries).outputs()).isDeepEqualTo(before);
  }

  /** It may be lost by an older job, which kept no more than so many. */
  @Test
  void aVersionThatIsMissedIsTakenWheneverItComes() throws Exception {
    broadcast(1);
    sequence.take(tokens, 0, MANY);
    float[][] before = sequence.ask(queries).outputs();
    broadcast(2);
    broadcast(3);
    running.restartWithoutSet(HEAD + "/1", 2);
    RawRecord query = sequence.askAsOf(0, "now", queries);
    assertThat(running.deadLetters()).extracting(DeadLetter::origin).containsExactly(query);

    // Only the newest set is prepared before a query needs it.
    running.broadcastUnprepared(HEAD, set(1, 1).toByteArray());

    assertThat(sequence.ask(queries).outputs()).isDeepEqualTo(before);
    assertThat(running.deadLetters()).isEmpty();
  }

  @Test
  void aVersionThatIsNotHeldIsMissed() throws Exception {
    broadcast(1);
    sequence.take(tokens, 0, MANY);
    sequence.askAsOf(MANY + 5, "waits", queries);
    broadcast(3);
    running.restartWithoutSet(HEAD + "/1", 1);

    RawRecord token = sequence.take(tokens, MANY);
    RawRecord query = sequence.askAsOf(0, "now", queries);
    running.pass(TestOptions.TIMEOUT.plusSeconds(1));

    List<DeadLetter> letters = running.deadLetters();
    assertThat(letters).hasSize(3);
    assertThat(letters.get(0).origin()).isSameAs(token);
    assertThat(letters.get(1).origin()).isSameAs(query);
    assertThat(letters)
        .extracting(DeadLetter::error)
        .containsOnly(
            "anchors: version 1, which this sequence adopted, is not held; publish it again, or forget the sequence");
    assertThat(running.replies()).isEmpty();

    sequence.forget();
    sequence.take(tokens, 0, MANY);
    assertThat(sequence.ask(queries).anchorsVersion()).isEqualTo(3);
  }

  @Test
  void givenSetsServeTheFirstToken() throws Exception {
    running.restart(options(StoredAnchorSet.of(HEAD, 4, set(4, 4).toByteArray())));
    sequence.take(tokens, 0, MANY);

    assertThat(sequence.ask(queries).anchorsVersion()).isEqualTo(4);
  }

  @Test
  void whatWasFoldedIsTakenBackWhereASetWasAdopted() throws Exception {
    running.broadcast(ALONE, set(1, 1).toByteArray());
    sequence = running.sequence(ALONE, "s");
    sequence.take(tokens, 0, MANY);
    assertThat(sequence.header().isExact()).isFalse();

    sequence.retract(tokens, 3);

    assertThat(running.deadLetters()).isEmpty();
    assertThat(sequence.ask(queries).tokens()).isEqualTo(MANY - 1);
  }

  @Test
  void withoutASetWhatWasFoldedStaysAndWhatIsPendingIsTakenBack() throws Exception {
    sequence.take(tokens, 0, 10);
    sequence.retract(tokens, 3);
    assertThat(sequence.ask(queries).tokens()).isEqualTo(9);
    sequence.take(tokens, 10, MANY);
    int pending = sequence.header().pending();
    assertThat(pending).isPositive();

    sequence.retract(tokens, MANY - 1);
    assertThat(sequence.header().pending()).isEqualTo(pending - 1);
    assertThat(running.deadLetters()).isEmpty();
    RawRecord folded = sequence.retract(tokens, 0);

    assertThat(running.deadLetters())
        .containsExactly(new DeadLetter(folded, Acceptance.CANNOT_RETRACT.reason()));
    assertThat(sequence.ask(queries).tokens()).isEqualTo(MANY - 2);
  }
}
