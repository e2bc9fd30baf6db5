// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static dev.onepass.operators.sequence.TestOptions.FOLDING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.sequence.waiting.WaitingLimits;
import dev.onepass.operators.sharding.ShardOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bounds on waiting events, and their cost. */
class WaitingBoundsTest {

  private final TokenStream tokens = new TokenStream(23);

  /** Bytes of a large record. */
  private static final int LARGE = 900_000;

  private final float[] small = tokens.queries(2);

  @TempDir Path directory;
  private RunningSequences running;
  private RunningSequences.One sequence;

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  private void start(WaitingLimits limits) throws Exception {
    running = new RunningSequences(options(limits), directory);
    sequence = running.sequence(FOLDING, "s");
  }

  private static SequenceOptions options(WaitingLimits limits) {
    return new SequenceOptions(
        List.of(TestOptions.folding()),
        TestOptions.TIMEOUT,
        limits,
        null,
        AnchorOptions.FROM_THE_TOPIC,
        ShardOptions.NONE);
  }

  /** Took 26 s when each removal rewrote all waiting events. */
  @Test
  void aHundredLargeQueriesCostNoMoreThanToWriteAndReadThem() throws Exception {
    start(new WaitingLimits(100, 256L << 20, 256L << 20));

    long begin = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      sequence.askAsOf(i + 1, "q" + i, small, LARGE);
    }
    sequence.take(tokens, 0, 50);
    running.pass(TestOptions.TIMEOUT);
    Duration taken = Duration.ofNanos(System.nanoTime() - begin);

    assertThat(running.answers()).hasSize(100);
    assertThat(taken).isLessThan(Duration.ofSeconds(6));
  }

  @Test
  void oneThatExceedsTheBytesOfItsSequenceIsAnsweredAtOnceAndMarked() throws Exception {
    start(new WaitingLimits(100, 3L << 20, 256L << 20));
    for (int i = 0; i < 3; i++) {
      sequence.askAsOf(9, "waits", small, LARGE);
    }

    sequence.askAsOf(9, "one more", small, LARGE);

    assertThat(running.answers())
        .singleElement()
        .returns("one more", Reply::queryId)
        .returns(true, Reply.Answer::timedOut)
        .returns(true, Reply.Answer::queueFull);
    assertThat(running.counter("queueFull")).isEqualTo(1);
    assertThat(sequence.waiting()).hasSize(3);
    running.sequence(FOLDING, "other").askAsOf(9, "has room", small, LARGE);
    assertThat(running.replies()).isEmpty();
  }

  @Test
  void oneThatExceedsTheBytesOfTheSubtaskIsAnsweredAtOnceAndMarked() throws Exception {
    start(new WaitingLimits(100, 3L << 20, 5L << 20));
    for (int i = 0; i < 5; i++) {
      running.sequence(FOLDING, "s" + i).askAsOf(9, "waits", small, LARGE);
    }

    sequence.askAsOf(9, "one more", small, LARGE);

    assertThat(running.answers())
        .singleElement()
        .returns("one more", Reply::queryId)
        .returns(true, Reply.Answer::timedOut)
        .returns(true, Reply.Answer::queueFull);
  }

  @Test
  void bytesAreCountedAnewAfterARestartAndGoWithTheQueries() throws Exception {
    start(new WaitingLimits(100, 3L << 20, 5L << 20));
    for (int i = 0; i < 3; i++) {
      sequence.askAsOf(9, "waits", small, LARGE);
    }
    long bytes = running.gauge("waitingBytes");
    assertThat(bytes).isGreaterThan(2_700_000);

    running.restart(2);
    assertThat(running.gauge("waitingBytes")).isEqualTo(bytes);
    sequence.askAsOf(9, "one more", small, LARGE);
    assertThat(running.answers()).singleElement().returns(true, Reply.Answer::timedOut);

    running.pass(TestOptions.TIMEOUT);
    assertThat(running.answers())
        .hasSize(3)
        .allSatisfy(answer -> assertThat(answer.timedOut()).isTrue())
        .allSatisfy(answer -> assertThat(answer.queueFull()).isFalse());
    assertThat(running.gauge("waitingBytes")).isZero();
    assertThat(running.stateEntries()).isZero();
  }

  @Test
  void whatWaitsInASavepointGoesOnWaiting() throws Exception {
    start(WaitingLimits.ofQueries(100));
    sequence.take(tokens, 0, 3);
    sequence.askAsOf(5, "reached", small);
    sequence.askAsOf(9, "times out", small);

    running.restart(2);
    sequence.take(tokens, 3, 7);
    assertThat(running.answers()).extracting(Reply::queryId).containsExactly("reached");
    running.pass(TestOptions.TIMEOUT);

    assertThat(running.answers()).extracting(Reply::queryId).containsExactly("times out");
    running.restart(1);
    running.pass(TestOptions.TIMEOUT);
    assertThat(running.replies()).isEmpty();
  }

  /** Timers once fired 144 times after a day because they were set from their old time. */
  @Test
  void timersOfAHeadThatIsNotDeclaredAreSetFromNowOn() throws Exception {
    start(WaitingLimits.ofQueries(100));
    sequence.askAsOf(9, "waits", small);
    running.pass(Duration.ofSeconds(1));
    running.restart(TestOptions.of(null, TestOptions.whole()));

    running.pass(Duration.ofDays(1).plusMillis(1_234));

    assertThat(running.timerTimes()).containsExactly(running.now() + 600_000);
    running.restart(options(WaitingLimits.ofQueries(100)));
    running.pass(Duration.ofMinutes(10));
    assertThat(running.answers()).extracting(Reply::queryId).containsExactly("waits");
  }
}
