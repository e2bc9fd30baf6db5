// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.onepass.operators.accuracy.ShadowSampling;
import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.anchors.AnchorSetSamples;
import dev.onepass.operators.anchors.StoredAnchorSet;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.ordering.EventTime;
import dev.onepass.operators.ordering.RunningOrder;
import dev.onepass.operators.sequence.waiting.WaitingEntry;
import dev.onepass.operators.sequence.waiting.WaitingLimits;
import dev.onepass.operators.sharding.ShardOptions;
import dev.onepass.sketch.anchored.AnchoredFamily;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.sequence.HeadSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Preparations of folds and answers run in the background, not on the task thread. */
@Timeout(120)
class PreparationTest {
  private static final String HEAD = "anchored";

  /** A number of tokens with which every sequence has left exact mode. */
  private static final int MANY = 1_200;

  private static final AnchorOptions TOPIC = AnchorOptions.FROM_THE_TOPIC;
  private static final EventTime BY_TIMESTAMP = RunningOrder.OPTIONS;

  private static long contents = 1_000;

  private final TokenStream tokens = new TokenStream(19);
  private final float[] queries = tokens.queries(2);

  /** A set with content that no other test has prepared. */
  private final AnchorSet set = AnchorSetSamples.set(1, contents++);

  @TempDir Path directory;
  private RunningSequences running;
  private RunningSequences.One sequence;
  private boolean closed;

  @BeforeEach
  void open() {
    closed = false;
  }

  @AfterEach
  void stop() throws Exception {
    openGate();
    running.close();
  }

  private void closeGate() {
    PreparationGate.close();
    closed = true;
  }

  private void openGate() {
    if (closed) {
      PreparationGate.open();
      closed = false;
    }
  }

  private AnchorOptions given() {
    StoredAnchorSet stored = StoredAnchorSet.of(HEAD, 1, set.toByteArray());
    return new AnchorOptions(List.of(stored), 8, false, 16, Duration.ofMinutes(1));
  }

  private static SequenceOptions options(
      AnchorOptions anchors, EventTime eventTime, WaitingLimits waiting) {
    HeadSpec head = TestOptions.head(HEAD, 32 * 1024, 0, AnchoredFamily.HYBRID);
    return new SequenceOptions(
        List.of(head),
        TestOptions.TIMEOUT,
        waiting,
        null,
        anchors,
        ShardOptions.NONE,
        SequenceOptions.DEFAULT_CACHE_BYTES,
        ShadowSampling.OFF,
        eventTime);
  }

  private void start(AnchorOptions anchors, EventTime eventTime) throws Exception {
    start(anchors, eventTime, WaitingLimits.ofQueries(TestOptions.MAX_WAITING));
  }

  private void start(AnchorOptions anchors, EventTime eventTime, WaitingLimits waiting)
      throws Exception {
    running = new RunningSequences(options(anchors, eventTime, waiting), directory);
    sequence = running.sequence(HEAD, "s");
  }

  /** Starts a sequence over a set for which nothing is prepared. */
  private void startWithSequence(EventTime eventTime) throws Exception {
    startWithSequence(eventTime, WaitingLimits.ofQueries(TestOptions.MAX_WAITING));
  }

  private void startWithSequence(EventTime eventTime, WaitingLimits waiting) throws Exception {
    start(given(), eventTime, waiting);
    sequence.take(tokens, 0, MANY);
    takeAll();
    assertThat(sequence.header().accepted()).isEqualTo(MANY);
    assertThat(sequence.header().anchorsVersion()).isEqualTo(1);
    closeGate();
  }

  /** Advances the clock until no event waits for its turn. */
  private void takeAll() throws Exception {
    for (int tries = 0; sequence.waiting().stream().anyMatch(w -> w.reason().isTurn()); tries++) {
      assertThat(tries).isLessThan(2_000);
      TimeUnit.MILLISECONDS.sleep(5);
      running.pass(Duration.ofMillis(5));
    }
  }

  @Test
  void aQueryWaitsForTheFactorAndHoldsUpNoToken() throws Exception {
    startWithSequence(null);

    sequence.askAsOf(0, "q", queries);
    sequence.take(tokens, MANY, MANY + 300);
    running.pass(Duration.ofMillis(200));

    assertThat(running.replies()).isEmpty();
    assertThat(sequence.header().accepted()).isEqualTo(MANY + 300);
    openGate();
    Reply.Answer answer = (Reply.Answer) running.awaitReplies().get(0);
    assertThat(answer.tokens()).as("with the tokens that came in between").isEqualTo(MANY + 300);
    assertThat(answer.queryId()).isEqualTo("q");
    assertThat(answer.timedOut()).isFalse();
    assertThat(sequence.waiting()).isEmpty();
  }

  @Test
  void inTheOrderOfTimestampsTokensWaitBehindTheQuery() throws Exception {
    startWithSequence(BY_TIMESTAMP);

    sequence.askAsOf(0, "q", queries);
    sequence.take(tokens, MANY, MANY + 300);
    sequence.askAsOf(0, "later", queries);
    running.pass(Duration.ofMillis(200));

    assertThat(running.replies()).isEmpty();
    assertThat(sequence.header().accepted()).isEqualTo(MANY);
    openGate();
    takeAll();
    assertThat(running.answers())
        .extracting(Reply.Answer::queryId, Reply.Answer::tokens)
        .containsExactly(tuple("q", (long) MANY), tuple("later", MANY + 300L));
  }

  @Test
  void otherSequencesAreNotHeldUp() throws Exception {
    startWithSequence(BY_TIMESTAMP);
    RunningSequences.One other = running.sequence(HEAD, "other");

    sequence.askAsOf(0, "q", queries);
    other.take(tokens, 0, 10);

    assertThat(other.ask(queries).tokens()).isEqualTo(10);
  }

  @Test
  void whatWaitsSurvivesARestartInItsOrder() throws Exception {
    startWithSequence(BY_TIMESTAMP);
    sequence.askAsOf(0, "q", queries);
    sequence.take(tokens, MANY, MANY + 40);
    sequence.askAsOf(0, "later", queries);

    running.restart(2);
    assertThat(sequence.waiting()).hasSize(42);
    openGate();
    takeAll();

    assertThat(running.answers())
        .extracting(Reply.Answer::queryId, Reply.Answer::tokens)
        .containsExactly(tuple("q", (long) MANY), tuple("later", MANY + 40L));
    assertThat(running.timers()).isZero();
  }

  @Test
  void aTokenThatNeedsThePreparedSetWaitsAndEverythingBehindIt() throws Exception {
    closeGate();
    start(given(), null);

    sequence.take(tokens, 0, MANY);
    sequence.askAsOf(0, "q", queries);

    assertThat(sequence.header().isExact()).isTrue();
    assertThat(sequence.header().accepted()).isPositive().isLessThan(MANY);
    openGate();
    takeAll();
    assertThat(sequence.header().accepted()).isEqualTo(MANY);
    assertThat(sequence.header().anchorsVersion()).isEqualTo(1);
    assertThat(running.answers()).singleElement().returns((long) MANY, Reply.Answer::tokens);
  }

  @Test
  void aNewSetBecomesCurrentWhenItIsPrepared() throws Exception {
    start(TOPIC, null);
    closeGate();
    running.broadcastUnprepared(HEAD, set.toByteArray());

    sequence.take(tokens, 0, MANY);
    assertThat(sequence.header().isExact()).isFalse();
    assertThat(sequence.header().anchorsVersion()).as("folds do not wait for the set").isZero();

    openGate();
    running.awaitPrepared(HEAD, set.toByteArray());
    RunningSequences.One later = running.sequence(HEAD, "later");
    later.take(tokens, 0, MANY);
    assertThat(later.header().anchorsVersion()).isEqualTo(1);
  }

  @Test
  void aRestoredSetIsCurrentAtOnce() throws Exception {
    start(TOPIC, null);
    closeGate();
    running.broadcastUnprepared(HEAD, set.toByteArray());
    running.restart(1);

    sequence.take(tokens, 0, MANY);

    assertThat(sequence.header().isExact()).isTrue();
    openGate();
    takeAll();
    assertThat(sequence.header().anchorsVersion()).isEqualTo(1);
  }

  @Test
  void aQueryWhoseFactorCannotBeMadeIsADeadLetterAndTheNextOneIsAnswered() throws Exception {
    startWithSequence(null);
    PreparationGate.failNext(new OutOfMemoryError("no room for a factor"));

    RawRecord record = sequence.askAsOf(0, "q", queries);
    openGate();
    takeAll();

    assertThat(running.replies()).isEmpty();
    assertThat(running.deadLetters())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.origin()).usingRecursiveComparison().isEqualTo(record);
              assertThat(letter.error()).contains("anchors", "no room for a factor", "memory");
            });
    assertThat(sequence.ask(queries).tokens()).isEqualTo(MANY);
  }

  @Test
  void aQueryThatHasWaitedForTokensWaitsForTheFactorToo() throws Exception {
    startWithSequence(null);
    sequence.askAsOf(MANY + 2, "reached", queries);
    for (int i = 0; i < TestOptions.MAX_WAITING - 1; i++) {
      sequence.askAsOf(MANY + 900, "late", queries);
    }
    sequence.askAsOf(MANY + 900, "no room", queries);

    sequence.take(tokens, MANY, MANY + 5);
    running.pass(TestOptions.TIMEOUT);
    assertThat(running.replies()).isEmpty();
    assertThat(sequence.waiting())
        .extracting(WaitingEntry::reason)
        .containsExactly(
            WaitingEntry.Reason.ANSWER,
            WaitingEntry.Reason.LATE_ANSWER,
            WaitingEntry.Reason.LATE_ANSWER,
            WaitingEntry.Reason.ANSWER_WITHOUT_ROOM);
    openGate();
    takeAll();

    assertThat(running.answers())
        .extracting(Reply.Answer::queryId, Reply.Answer::timedOut, Reply.Answer::queueFull)
        .containsExactly(
            tuple("reached", false, false),
            tuple("late", true, false),
            tuple("late", true, false),
            tuple("no room", true, true));
  }

  @Test
  void whatWaitsIsAnsweredWhenItsSequenceIsForgotten() throws Exception {
    startWithSequence(null);
    sequence.askAsOf(0, "q", queries);

    sequence.forget();

    assertThat(running.answers())
        .singleElement()
        .returns("q", Reply.Answer::queryId)
        .returns(0L, Reply.Answer::tokens)
        .returns(true, Reply.Answer::timedOut);
    assertThat(sequence.waiting()).isEmpty();
  }

  @Test
  void whereThereIsNoRoomTheTaskWaitsAndNothingIsLost() throws Exception {
    startWithSequence(BY_TIMESTAMP, new WaitingLimits(3, 4_000, 1 << 20));
    sequence.askAsOf(0, "q", queries);
    Thread opener =
        new Thread(
            () -> {
              try {
                TimeUnit.MILLISECONDS.sleep(300);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              openGate();
            });
    opener.start();

    sequence.take(tokens, MANY, MANY + 100);

    opener.join();
    assertThat(running.answers()).singleElement().returns((long) MANY, Reply.Answer::tokens);
    assertThat(sequence.header().accepted()).isEqualTo(MANY + 100);
    assertThat(sequence.waiting()).isEmpty();
  }
}
