// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.ReplySerializer;
import dev.onepass.operators.sequence.RunningSequences.Checkpoint;
import dev.onepass.operators.sequence.RunningSequences.One;
import dev.onepass.operators.sequence.RunningSequences.Stored;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cache changes only the speed, however small it is. */
class CacheTest {
  private static final int SEQUENCES = 12;
  private static final int TOKENS = 90;

  /** Nothing, a few sequences, all of them. */
  private static final long[] SIZES = {0, 20_000, 1 << 20};

  private static final long NEARLY_A_SECOND = 970;

  @TempDir Path directory;

  private TokenStream stream;

  @BeforeEach
  void stream() {
    stream = new TokenStream(5);
  }

  @Test
  void statesAndAnswersAreTheSameForEverySizeOfTheCache() throws Exception {
    List<Run> runs = new ArrayList<>();
    for (long size : SIZES) {
      runs.add(run(size, 0));
    }
    for (Run run : runs) {
      assertThat(run.states).usingRecursiveComparison().isEqualTo(runs.get(0).states);
      assertThat(run.answers).isEqualTo(runs.get(0).answers);
    }
  }

  @Test
  void aCrashLosesNothingThatACheckpointHas() throws Exception {
    Run straight = run(1 << 20, 0);
    for (long size : SIZES) {
      Run crashed = run(size, 300);
      assertThat(crashed.states).usingRecursiveComparison().isEqualTo(straight.states);
    }
  }

  @Test
  void whatIsHeldBackIsInTheCheckpointWhateverTheParallelism() throws Exception {
    try (RunningSequences running = open(1 << 20)) {
      for (int token = 0; token < 30; token++) {
        for (int s = 0; s < SEQUENCES; s++) {
          sequence(running, s).take(stream, token);
        }
      }
      running.restart(3);
      for (int s = 0; s < SEQUENCES; s++) {
        assertThat(sequence(running, s).stats().tokens()).isEqualTo(30);
        sequence(running, s).take(stream, 30, 40);
      }
      running.restart(1);
      for (int s = 0; s < SEQUENCES; s++) {
        assertThat(sequence(running, s).stats().tokens()).isEqualTo(40);
      }
    }
  }

  @Test
  void whatIsForgottenDoesNotComeBack() throws Exception {
    try (RunningSequences running = open(1 << 20)) {
      One sequence = sequence(running, 0);
      sequence.take(stream, 0, TOKENS);
      running.checkpoint();
      sequence.take(stream, TOKENS, TOKENS + 3);
      sequence.forget();
      running.restart(1);
      assertThat(sequence(running, 0).stats().tokens()).isZero();
      assertThat(running.stateEntries()).isZero();
    }
  }

  /** After a first block, no second one is expected soon. */
  @Test
  void aSketchThatIsForeseenToStayDoesNotWaitForTheCheckpoint() throws Exception {
    try (RunningSequences running = open(1 << 20)) {
      letTheRhythmBeTrusted(running);
      One sequence = sequence(running, 0);
      sequence.take(stream, 0, TestOptions.EXACT_TOKENS);
      assertThat(sequence.sketchInBackend()).isNull();
      sequence.take(stream, TestOptions.EXACT_TOKENS);
      byte[] written = sequence.sketchInBackend();
      assertThat(written).isNotNull().isEqualTo(sequence.sketch());
    }
  }

  @Test
  void aSketchThatDoesNotStayAsForeseenIsWrittenByTheCheckpointAgain() throws Exception {
    try (RunningSequences running = open(1 << 20)) {
      letTheRhythmBeTrusted(running);
      One sequence = sequence(running, 0);
      sequence.take(stream, 0, TestOptions.EXACT_TOKENS + 1);
      byte[] written = sequence.sketchInBackend();
      sequence.take(stream, TestOptions.EXACT_TOKENS + 1, TOKENS);
      assertThat(sequence.sketchInBackend()).isEqualTo(written);
      running.restart(1);
      assertThat(sequence.sketchInBackend()).isNotEqualTo(written);
      sequence.take(stream, TOKENS, TOKENS + 20);
      One straight = sequence(running, 2);
      straight.take(stream, 0, TOKENS + 20);
      assertThat(straight.stored().butSince())
          .usingRecursiveComparison()
          .isEqualTo(sequence.stored().butSince());
    }
  }

  /** The only sketch that was predicted to stay folded another block. */
  @Test
  void afterAnIntervalOfWrongGuessesSketchesWait() throws Exception {
    try (RunningSequences running = open(1 << 20)) {
      everyHourACheckpoint(running, 2);
      goOver(running, 1);
      sequence(running, 1).take(stream, TestOptions.EXACT_TOKENS + 1, TOKENS);
      everyHourACheckpoint(running, 1);
      goOver(running, 0);
      assertThat(sequence(running, 0).sketchInBackend()).isNull();
      everyHourACheckpoint(running, 1);
      assertThat(sequence(running, 0).sketchInBackend()).isNotNull();
    }
  }

  @Test
  void withoutARhythmOfCheckpointsSketchesWait() throws Exception {
    try (RunningSequences running = open(1 << 20)) {
      running.checkpoint();
      One sequence = sequence(running, 0);
      sequence.take(stream, 0, TOKENS);
      assertThat(sequence.sketchInBackend()).isNull();
      running.checkpoint();
      assertThat(sequence.sketchInBackend()).isNotNull();
    }
  }

  /** A slow machine may have missed the moment; any later checkpoint will do. */
  @Test
  void aPendingTokenDoesNotWaitForACheckpointThatIsDueSoon() throws Exception {
    try (RunningSequences running = open(1 << 20)) {
      Duration interval = Duration.ofSeconds(1);
      letTheRhythmBeTrusted(running, interval);
      int s = 2;
      Thread.sleep(NEARLY_A_SECOND);
      sequence(running, s).take(stream, 0);
      while (sequence(running, s).pendingInBackend().isEmpty()) {
        assertThat(s).isLessThan(SEQUENCES);
        goOver(running, ++s);
        aCheckpointEvery(interval, running, 1);
        Thread.sleep(NEARLY_A_SECOND);
        sequence(running, ++s).take(stream, 0);
      }
      One sequence = sequence(running, s);
      assertThat(sequence.pendingInBackend()).hasSize(1);
      sequence.take(stream, 1, 10);
      assertThat(sequence.pendingInBackend()).hasSize(1);
      running.restart(1);
      assertThat(sequence.pendingInBackend()).hasSize(10);
      sequence.take(stream, 10, TOKENS);
      One straight = sequence(running, 0);
      straight.take(stream, 0, TOKENS);
      assertThat(sequence.stored().butSince())
          .usingRecursiveComparison()
          .isEqualTo(straight.stored().butSince());
    }
  }

  @Test
  void pendingTokensWaitForACheckpointThatIsFarOff() throws Exception {
    try (RunningSequences running = open(1 << 20)) {
      letTheRhythmBeTrusted(running);
      One sequence = sequence(running, 0);
      sequence.take(stream, 0, 3);
      assertThat(sequence.pendingInBackend()).isEmpty();
      running.checkpoint();
      assertThat(sequence.pendingInBackend()).hasSize(3);
    }
  }

  private static void everyHourACheckpoint(RunningSequences running, int times) throws Exception {
    aCheckpointEvery(Duration.ofHours(1), running, times);
  }

  private static void aCheckpointEvery(Duration interval, RunningSequences running, int times)
      throws Exception {
    for (int i = 0; i < times; i++) {
      running.pass(interval);
      running.checkpoint();
    }
  }

  private void letTheRhythmBeTrusted(RunningSequences running) throws Exception {
    letTheRhythmBeTrusted(running, Duration.ofHours(1));
  }

  /** A sketch was predicted to stay the same, and did. */
  private void letTheRhythmBeTrusted(RunningSequences running, Duration interval) throws Exception {
    aCheckpointEvery(interval, running, 2);
    goOver(running, 1);
    aCheckpointEvery(interval, running, 1);
  }

  /** A number of tokens that makes a sequence leave exact mode. */
  private void goOver(RunningSequences running, int s) throws Exception {
    sequence(running, s).take(stream, 0, TestOptions.EXACT_TOKENS + 1);
  }

  private record Run(List<Stored> states, List<String> answers) {}

  /** Tokens of several sequences in a scattered order, and queries among them. */
  private Run run(long cacheBytes, int crashAfter) throws Exception {
    try (RunningSequences running = open(cacheBytes)) {
      Random random = new Random(11);
      int[] next = new int[SEQUENCES];
      List<String> answers = new ArrayList<>();
      Checkpoint checkpoint = null;
      for (int i = 0; i < SEQUENCES * TOKENS; i++) {
        int s = random.nextInt(SEQUENCES);
        if (crashAfter > 0 && i == crashAfter) {
          checkpoint = running.checkpoint();
        }
        sequence(running, s).take(stream, next[s]++);
        if (i % 7 == 0) {
          answers.add(bytes(sequence(running, s).ask(stream.queries(2))));
        }
        if (i % 97 == 0 && crashAfter == 0) {
          // Short enough that some sketches are written before and some are not.
          running.pass(Duration.ofMillis(20));
          running.checkpoint();
        }
      }
      if (checkpoint != null) {
        replay(running, checkpoint, crashAfter);
      }
      List<Stored> states = new ArrayList<>();
      for (int s = 0; s < SEQUENCES; s++) {
        states.add(sequence(running, s).stored());
      }
      return new Run(states, answers);
    }
  }

  private static String bytes(Reply.Answer answer) throws Exception {
    DataOutputSerializer out = new DataOutputSerializer(64);
    ReplySerializer.INSTANCE.serialize(answer, out);
    return HexFormat.of().formatHex(out.getCopyOfBuffer());
  }

  /** After a crash, the source continues from its place at the checkpoint. */
  private void replay(RunningSequences running, Checkpoint checkpoint, int from) throws Exception {
    running.restore(checkpoint, 1);
    Random random = new Random(11);
    int[] next = new int[SEQUENCES];
    for (int i = 0; i < SEQUENCES * TOKENS; i++) {
      int s = random.nextInt(SEQUENCES);
      int token = next[s]++;
      if (i >= from) {
        sequence(running, s).take(stream, token);
      }
    }
  }

  private static One sequence(RunningSequences running, int s) {
    return running.sequence(TestOptions.FOLDING, "s" + s);
  }

  private RunningSequences open(long cacheBytes) throws Exception {
    return new RunningSequences(TestOptions.cached(cacheBytes), directory);
  }
}
