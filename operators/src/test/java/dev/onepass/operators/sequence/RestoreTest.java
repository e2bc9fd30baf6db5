// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import static dev.onepass.operators.sequence.TestOptions.CUT;
import static dev.onepass.operators.sequence.TestOptions.EXACT_TOKENS;
import static dev.onepass.operators.sequence.TestOptions.FOLDING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.ReplySerializer;
import dev.onepass.operators.event.SequenceKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFinalizer;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFutures;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Interrupted runs: states and answers are bit for bit equal to those of an uninterrupted run. */
class RestoreTest {
  private static final int TOKENS = 2 * EXACT_TOKENS;
  private static final int HALF_A_BLOCK = CUT / 2;

  private final TokenStream tokens = new TokenStream(8);
  private final float[] queries = tokens.queries(3);
  @TempDir Path directory;

  /** An action before the token with a number. */
  private interface Interruption {
    void before(int token, RunningSequences running) throws Exception;
  }

  private record Outcome(List<RunningSequences.Stored> states, List<Reply.Answer> answers) {}

  /** Several sequences, one of them with waiting queries, over the same tokens. */
  private Outcome run(Interruption interruption) throws Exception {
    try (RunningSequences running = new RunningSequences(TestOptions.immortal(), directory)) {
      List<RunningSequences.One> sequences = sequences(running);
      List<Reply.Answer> answers = new ArrayList<>();
      for (int token = 0; token < TOKENS; token++) {
        interruption.before(token, running);
        step(sequences, token);
        answers.addAll(running.answers());
      }
      List<RunningSequences.Stored> states = new ArrayList<>();
      for (RunningSequences.One sequence : sequences) {
        sequence.askAsOf(0, "at the end", queries);
        answers.addAll(running.answers());
        states.add(sequence.stored());
      }
      return new Outcome(states, answers);
    }
  }

  private static List<RunningSequences.One> sequences(RunningSequences running) {
    return List.of(
        running.sequence(FOLDING, "alpha"),
        running.sequence(FOLDING, "beta"),
        running.sequence(FOLDING, "gamma"),
        running.sequence(FOLDING, "delta"));
  }

  /**
   * Sends the n-th token of each sequence, and sometimes a query, a waiting query or a retraction.
   */
  private void step(List<RunningSequences.One> sequences, int token) throws Exception {
    for (int i = 0; i < sequences.size(); i++) {
      RunningSequences.One sequence = sequences.get(i);
      if (token % 20 == 10) {
        sequence.askAsOf(0, "now", queries);
      }
      if (token % 30 == 5) {
        sequence.askAsOf(token + 20, "waits", queries);
      }
      sequence.take(new TokenStream(100 + i), token);
      if (token % 25 == 24) {
        sequence.retract(new TokenStream(100 + i), token - 20 * (i % 2));
      }
    }
  }

  @ParameterizedTest(name = "before token {0}")
  @ValueSource(
      ints = {
        1,
        15,
        EXACT_TOKENS,
        EXACT_TOKENS + 1,
        EXACT_TOKENS + 2,
        EXACT_TOKENS + HALF_A_BLOCK,
        TOKENS - 1
      })
  void aRestartLeavesEveryBitAsItWouldHaveBeen(int restartAt) throws Exception {
    Outcome uninterrupted = run((token, running) -> {});

    Outcome restarted =
        run(
            (token, running) -> {
              if (token == restartAt) {
                running.restart(1);
              }
            });

    assertSame(restarted, uninterrupted);
  }

  @ParameterizedTest(name = "before token {0}")
  @ValueSource(ints = {15, EXACT_TOKENS, EXACT_TOKENS + HALF_A_BLOCK})
  void aChangeOfParallelismLeavesEveryBitAsItWouldHaveBeen(int rescaleAt) throws Exception {
    Outcome uninterrupted = run((token, running) -> {});

    Outcome rescaled =
        run(
            (token, running) -> {
              if (token == rescaleAt) {
                running.restart(2);
                assertThat(
                        new TreeSet<>(sequences(running).stream().map(running::subtaskOf).toList()))
                    .as("subtasks that have sequences")
                    .containsExactly(0, 1);
              } else if (token == rescaleAt + HALF_A_BLOCK) {
                running.restart(1);
              }
            });

    assertSame(rescaled, uninterrupted);
  }

  @Test
  void aCrashAndTheSameTokensAgainLeaveEveryBitAsItWouldHaveBeen() throws Exception {
    Outcome uninterrupted = run((token, running) -> {});
    int checkpointAt = EXACT_TOKENS - 3;
    int crashAt = EXACT_TOKENS + CUT + HALF_A_BLOCK;
    RunningSequences.Checkpoint[] checkpoint = new RunningSequences.Checkpoint[1];

    Outcome crashed =
        run(
            (token, running) -> {
              if (token == checkpointAt) {
                checkpoint[0] = running.checkpoint();
              } else if (token == crashAt) {
                running.restore(checkpoint[0], 2);
                for (int again = checkpointAt; again < crashAt; again++) {
                  step(sequences(running), again);
                }
                // Replies before the crash were fetched.
                running.replies();
              }
            });

    assertSame(crashed, uninterrupted);
  }

  @Test
  void queriesNeverChangeState() throws Exception {
    try (RunningSequences running = new RunningSequences(TestOptions.mortal(), directory)) {
      RunningSequences.One asked = running.sequence(FOLDING, "asked");
      RunningSequences.One left = running.sequence(FOLDING, "left alone");
      for (int token = 0; token < TOKENS; token++) {
        asked.take(tokens, token);
        left.take(tokens, token);
        asked.ask(queries);
        asked.stats();
        assertSame(asked.stored(), left.stored());
      }
    }
  }

  @Test
  void aWaitingQueryLeavesNoTraceOnceItIsAnswered() throws Exception {
    try (RunningSequences running = new RunningSequences(TestOptions.immortal(), directory)) {
      RunningSequences.One asked = running.sequence(FOLDING, "asked");
      RunningSequences.One left = running.sequence(FOLDING, "left alone");
      asked.askAsOf(EXACT_TOKENS + 5, "q", queries);
      asked.take(tokens, 0, TOKENS);
      left.take(tokens, 0, TOKENS);

      assertThat(running.replies()).hasSize(1);
      assertSame(asked.stored(), left.stored());
    }
  }

  @Test
  void onTheHeapBackendTooACheckpointHoldsNothingThatCameAfterIt() throws Exception {
    OperatorSubtaskState checkpoint;
    try (var harness = onTheHeap(null)) {
      for (int token = 0; token < 10; token++) {
        harness.processElement(token(token), 0);
      }
      // The barrier has passed; the asynchronous part follows.
      OperatorSnapshotFutures snapshot =
          harness
              .getOperator()
              .snapshotState(
                  1,
                  1,
                  CheckpointOptions.forCheckpointWithDefaultLocation(),
                  new MemCheckpointStreamFactory(1 << 20));
      for (int token = 10; token < 15; token++) {
        harness.processElement(token(token), 0);
      }
      checkpoint = OperatorSnapshotFinalizer.create(snapshot).getJobManagerOwnedState();
    }

    try (var harness = onTheHeap(checkpoint)) {
      SequenceKey key = new SequenceKey(FOLDING, "s", 0);
      harness.processElement(new Event.StatsQuery(key, NOWHERE, "stats"), 0);
      assertThat(harness.extractOutputValues())
          .singleElement()
          .satisfies(reply -> assertThat(((Reply.Stats) reply).tokens()).isEqualTo(10));
    }
  }

  private static final RawRecord NOWHERE = new RawRecord("t", 0, 0, 0, null, null, Headers.NONE);

  private Event token(int token) {
    SequenceKey key = new SequenceKey(FOLDING, "s", 0);
    return new Event.Token(key, NOWHERE, token, tokens.key(token), tokens.value(token), false);
  }

  private static KeyedBroadcastOperatorTestHarness<SequenceKey, Event, RawRecord, Reply> onTheHeap(
      OperatorSubtaskState state) throws Exception {
    KeyedBroadcastOperatorTestHarness<SequenceKey, Event, RawRecord, Reply> harness =
        new KeyedBroadcastOperatorTestHarness<>(
            new SequencesOperator(TestOptions.immortal(), new ShelfTopic()),
            Event::key,
            FlowTypes.KEY,
            128,
            1,
            0);
    harness.setStateBackend(new HashMapStateBackend());
    harness.setup(ReplySerializer.INSTANCE);
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
    return harness;
  }

  private static void assertSame(Outcome actual, Outcome expected) throws Exception {
    assertThat(inOrder(actual.answers())).isEqualTo(inOrder(expected.answers()));
    assertThat(actual.states()).hasSameSizeAs(expected.states());
    for (int i = 0; i < actual.states().size(); i++) {
      assertSame(actual.states().get(i), expected.states().get(i));
    }
  }

  /** Returns the answers' bytes in the order of each sequence; subtasks have no common order. */
  private static List<String> inOrder(List<Reply.Answer> answers) throws Exception {
    List<String> bytes = new ArrayList<>();
    DataOutputSerializer out = new DataOutputSerializer(64);
    for (Reply.Answer answer :
        answers.stream().sorted(Comparator.comparing(a -> a.key().sequence())).toList()) {
      out.clear();
      ReplySerializer.INSTANCE.serialize(answer, out);
      bytes.add(
          "%s after %d tokens: %s"
              .formatted(
                  answer.key(), answer.tokens(), HexFormat.of().formatHex(out.getCopyOfBuffer())));
    }
    return bytes;
  }

  private static void assertSame(RunningSequences.Stored actual, RunningSequences.Stored expected) {
    assertThat(actual.headerButSince()).as("header").containsExactly(expected.headerButSince());
    assertThat(actual.pending()).as("pending").containsExactlyElementsOf(expected.pending());
    assertThat(actual.sketch()).as("sketch").isEqualTo(expected.sketch());
  }
}
