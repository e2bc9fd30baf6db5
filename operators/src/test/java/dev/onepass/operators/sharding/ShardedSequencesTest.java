// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sharding;

import static dev.onepass.operators.sequence.TestOptions.CUT;
import static dev.onepass.operators.sequence.TestOptions.EXACT_TOKENS;
import static dev.onepass.operators.sequence.TestOptions.FOLDING;
import static dev.onepass.operators.sequence.TestOptions.MAX_WAITING;
import static dev.onepass.operators.sequence.TestOptions.TIMEOUT;
import static dev.onepass.operators.sequence.TestOptions.TIME_TO_LIVE;
import static dev.onepass.operators.sequence.TestOptions.WHOLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.sequence.SequenceOptions;
import dev.onepass.operators.sequence.TestOptions;
import dev.onepass.operators.sequence.TokenStream;
import dev.onepass.operators.sequence.waiting.WaitingLimits;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.Sequence;
import dev.onepass.sketch.sequence.StateLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Follows a sequence with several shards through tokens, queries, expiry, restore and options. */
class ShardedSequencesTest {
  private static final int SHARDS = 4;
  private static final double ROUNDING = 1e-5;

  private final TokenStream tokens = new TokenStream(31);
  private final float[] queries = tokens.queries(2);
  private RunningShards running;
  private RunningShards.One hot;
  @TempDir Path directory;

  private static SequenceOptions options(Duration timeToLive, ShardOptions sharding) {
    return new SequenceOptions(
        List.of(TestOptions.folding(), TestOptions.whole()),
        TIMEOUT,
        WaitingLimits.ofQueries(MAX_WAITING),
        timeToLive,
        AnchorOptions.FROM_THE_TOPIC,
        sharding);
  }

  private static SequenceOptions immortal(int count) {
    return options(null, new ShardOptions(count, Set.of("hot")));
  }

  @BeforeEach
  void start() throws Exception {
    start(immortal(SHARDS));
  }

  private void start(SequenceOptions options) throws Exception {
    running = new RunningShards(options, directory, 3);
    hot = running.sequence(FOLDING, "hot");
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  private Reply.Answer onlyAnswer() {
    List<Reply> replies = running.replies();
    assertThat(replies).hasSize(1);
    return (Reply.Answer) replies.get(0);
  }

  private String onlyRefusal() {
    List<DeadLetter> letters = running.deadLetters();
    assertThat(letters).hasSize(1);
    assertThat(running.replies()).isEmpty();
    return letters.get(0).error();
  }

  @Test
  void shardsAreOnAllTasks() {
    assertThat(running.subtasksOf(hot, SHARDS)).containsExactly(0, 1, 2);
  }

  @Test
  void aTokenWithoutPositionIsRefused() throws Exception {
    hot.take(Sequence.NO_POSITION, tokens, 0);
    assertThat(onlyRefusal()).startsWith("position required: shards.sequences names this sequence");

    hot.take(0, tokens, 0);
    hot.retract(Sequence.NO_POSITION, tokens, 0);
    assertThat(onlyRefusal()).startsWith("position required");
    assertThat(hot.ask(queries).tokens()).isEqualTo(1);
  }

  @Test
  void recoveryIsRefusedOnce() throws Exception {
    hot.take(tokens, 0, 20);

    hot.askRecovery();

    assertThat(onlyRefusal())
        .isEqualTo(
            "recover: not available for this sequence, because shards.sequences names it and shards do not remember queries");
  }

  @Test
  void otherSequencesHaveOneShard() throws Exception {
    RunningShards.One cold = running.sequence(FOLDING, "cold");
    cold.take(Sequence.NO_POSITION, tokens, 0);
    cold.take(Sequence.NO_POSITION, tokens, 1);

    Reply.Answer answer = cold.ask(queries);

    TokenStream.assertClose(answer, tokens.oracle(queries, 2), ROUNDING);
    assertThat(cold.stats().tokens()).isEqualTo(2);
    cold.askRecovery();
    assertThat(onlyRefusal()).isEqualTo("recover: only sketch.type onepass recovers columns");
    assertThat(running.parts()).isZero();
  }

  @Test
  void aStarShardsEverySequence() throws Exception {
    running.close();
    start(options(null, new ShardOptions(2, Set.of(ShardOptions.ALL))));
    RunningShards.One any = running.sequence(WHOLE, "any");
    any.take(tokens, 0, 20);

    assertThat(any.ask(queries).tokens()).isEqualTo(20);
    assertThat(running.parts()).isEqualTo(2);
  }

  @Test
  void eachShardDropsItsDuplicates() throws Exception {
    hot.take(tokens, 0, 5 * CUT);
    hot.take(tokens, 0, 5 * CUT);

    assertThat(hot.ask(queries).tokens()).isEqualTo(5 * CUT);
    assertThat(hot.stats().duplicates()).isEqualTo(5 * CUT);
    TokenStream.assertClose(hot.ask(queries), tokens.oracle(queries, 5 * CUT), ROUNDING);
  }

  @Test
  void statsAddUp() throws Exception {
    int count = SHARDS * (EXACT_TOKENS + 20);
    hot.take(tokens, 0, EXACT_TOKENS);
    Reply.Stats exact = hot.stats();
    assertThat(exact.exact()).isTrue();
    assertThat(exact.tokens()).isEqualTo(EXACT_TOKENS);
    HeadSpec head = TestOptions.folding();
    assertThat(exact.stateBytes())
        .isEqualTo(
            SHARDS * StateLayout.RESERVED_BYTES + (long) EXACT_TOKENS * head.layout().tokenBytes());
    hot.take(tokens, EXACT_TOKENS, count);

    Reply.Stats stats = hot.stats();

    assertThat(stats.tokens()).isEqualTo(count);
    assertThat(stats.exact()).isFalse();
    assertThat(stats.sketch()).isEqualTo("polynomial");
    assertThat(stats.anchorsVersion()).isZero();
    assertThat(stats.stateBytes())
        .isGreaterThan(TestOptions.STATE_SIZE)
        .isLessThanOrEqualTo(SHARDS * TestOptions.STATE_SIZE);
    assertThat(running.mergersEntries()).isZero();
  }

  @Test
  void eachShardOfTheExactFamilyHoldsAFullState() throws Exception {
    RunningShards.One whole = running.sequence(WHOLE, "hot");
    int room = TestOptions.ROOM;
    int cut = TestOptions.whole().shardBlock();
    whole.take(tokens, 0, SHARDS * (room / cut) * cut);
    assertThat(running.deadLetters()).isEmpty();
    whole.take(tokens, SHARDS * (room / cut) * cut, SHARDS * (room + 2 * cut));

    assertThat(running.deadLetters())
        .isNotEmpty()
        .allSatisfy(letter -> assertThat(letter.error()).startsWith("sequence full"));
    assertThat(whole.ask(queries).tokens()).isEqualTo((long) SHARDS * room);
  }

  @Test
  void forgettingEmptiesEveryShard() throws Exception {
    hot.take(tokens, 0, SHARDS * EXACT_TOKENS + 50);
    hot.forget();

    assertThat(running.sequencesEntries()).isZero();
    assertThat(hot.ask(queries).outputs()).isEmpty();
    hot.take(tokens, 0, 10);
    TokenStream.assertClose(hot.ask(queries), tokens.oracle(queries, 10), ROUNDING);
  }

  // as_of

  @Test
  void asOfIsAnsweredAtOnceIfTheShardsTogetherHaveEnoughTokens() throws Exception {
    hot.take(tokens, 0, 30);
    hot.askAsOf(30, "q", queries);

    Reply.Answer answer = onlyAnswer();
    assertThat(answer.tokens()).isEqualTo(30);
    assertThat(answer.timedOut()).isFalse();
    assertThat(running.mergersEntries()).isZero();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(ints = {1, 7, 8, 9, 16, 31, 32, 33, 50, 250})
  void asOfIsAnsweredInsideTheTokenThatReachesIt(int asOf) throws Exception {
    RawRecord origin = hot.askAsOf(asOf, "q", queries);
    hot.take(tokens, 0, asOf - 1);
    assertThat(running.replies()).isEmpty();

    hot.take(tokens, asOf - 1, asOf);

    Reply.Answer answer = onlyAnswer();
    assertThat(answer.tokens()).isEqualTo(asOf);
    assertThat(answer.timedOut()).isFalse();
    assertThat(answer.queryId()).isEqualTo("q");
    assertThat(answer.origin().offset()).isEqualTo(origin.offset());
    TokenStream.assertClose(answer, tokens.oracle(queries, asOf), asOf > 200 ? 0.01 : ROUNDING);
    running.pass(TIMEOUT);
    assertThat(running.replies()).isEmpty();
    assertThat(running.mergersEntries()).isZero();
  }

  @Test
  void otherQueriesAreNotDelayed() throws Exception {
    hot.take(tokens, 0, 10);
    hot.askAsOf(50, "waits", queries);

    assertThat(hot.ask(queries).tokens()).isEqualTo(10);
  }

  @Test
  void asOfIsAnsweredAndMarkedAtItsTimeout() throws Exception {
    hot.take(tokens, 0, 20);
    hot.askAsOf(100, "q", queries);
    hot.take(tokens, 20, 45);
    running.pass(TIMEOUT.minusMillis(1));
    assertThat(running.replies()).isEmpty();

    running.pass(Duration.ofMillis(1));

    Reply.Answer answer = onlyAnswer();
    assertThat(answer.timedOut()).isTrue();
    assertThat(answer.tokens()).isEqualTo(45);
    TokenStream.assertClose(answer, tokens.oracle(queries, 45), ROUNDING);
    assertThat(running.mergersEntries()).isZero();
  }

  @Test
  void aQueryWithoutRoomInAShardIsAnsweredAtOnceAndMarked() throws Exception {
    hot.take(tokens, 0, 20);
    for (int i = 0; i < MAX_WAITING; i++) {
      hot.askAsOf(100, "waits", queries);
    }
    assertThat(running.replies()).isEmpty();

    hot.askAsOf(100, "one more", queries);

    Reply.Answer answer = onlyAnswer();
    assertThat(answer.queryId()).isEqualTo("one more");
    assertThat(answer.timedOut()).isTrue();
    assertThat(answer.queueFull()).isTrue();
    running.pass(TIMEOUT);
    assertThat(running.replies())
        .hasSize(MAX_WAITING)
        .extracting(reply -> ((Reply.Answer) reply).queueFull())
        .containsOnly(false);
  }

  /** Positions tell the shares of the shards, so a gap leaves a share too small. */
  @Test
  void positionsWithGapsEndTheWaitAndMarkTheAnswer() throws Exception {
    for (int token = 0; token < 20; token++) {
      hot.take(10L * token, tokens, token);
    }
    hot.askAsOf(20, "has them", queries);
    assertThat(onlyAnswer().timedOut()).isFalse();

    hot.askAsOf(21, "has not", queries);

    Reply.Answer answer = onlyAnswer();
    assertThat(answer.timedOut()).isTrue();
    assertThat(answer.tokens()).isEqualTo(20);
  }

  @Test
  void aGapDuringTheWaitShortensIt() throws Exception {
    hot.take(tokens, 0, 40);
    hot.askAsOf(80, "q", queries);
    hot.take(tokens, 40, 45);
    // The sequence continues after the position that the query waits for.
    hot.take(tokens, 100, 120);
    assertThat(running.replies()).isEmpty();
    hot.take(tokens, 120, 121);

    Reply.Answer answer = onlyAnswer();
    assertThat(answer.timedOut()).isTrue();
    assertThat(answer.tokens()).as("with the first token of each shard after it").isEqualTo(49);
    assertThat(running.mergersEntries()).isZero();
  }

  @Test
  void forgettingAnswersAndMarksWaitingQueries() throws Exception {
    hot.take(tokens, 0, 20);
    hot.askAsOf(100, "q", queries);

    hot.forget();

    Reply.Answer answer = onlyAnswer();
    assertThat(answer.timedOut()).isTrue();
    assertThat(answer.tokens()).isZero();
    assertThat(running.sequencesEntries()).isZero();
    assertThat(running.mergersEntries()).isZero();
  }

  @Test
  void aQueryWithoutRoomIsAnsweredAtOnceAndMarked() throws Exception {
    for (int i = 0; i < MAX_WAITING; i++) {
      hot.askAsOf(1_000, "q" + i, queries);
    }
    assertThat(running.replies()).isEmpty();

    hot.askAsOf(1_000, "one more", queries);

    assertThat(onlyAnswer().timedOut()).isTrue();
    running.pass(TIMEOUT);
    assertThat(running.replies()).hasSize(MAX_WAITING);
  }

  @Test
  void everyQueryIsAnsweredExactlyOnce() throws Exception {
    Random random = new Random(5);
    Map<String, Long> asked = new HashMap<>();
    Set<String> answered = new HashSet<>();
    int taken = 0;
    for (int step = 0; step < 400; step++) {
      int what = random.nextInt(10);
      if (what < 6) {
        int more = random.nextInt(12);
        hot.take(tokens, taken, taken + more);
        taken += more;
      } else if (what < 9) {
        long asOf = Math.max(0, taken + random.nextInt(80) - 40);
        hot.askAsOf(asOf, "q" + step, queries);
        asked.put("q" + step, asOf);
      } else if (random.nextInt(4) == 0) {
        running.pass(Duration.ofSeconds(random.nextInt(12)));
      } else if (random.nextInt(3) == 0) {
        running.restore(running.checkpoint(), 1 + random.nextInt(4));
      }
      for (Reply reply : running.replies()) {
        Reply.Answer answer = (Reply.Answer) reply;
        assertThat(answered.add(answer.queryId())).isTrue();
        assertThat(answer.timedOut()).isEqualTo(answer.tokens() < asked.get(answer.queryId()));
      }
    }
    running.pass(TIMEOUT);
    running.replies().forEach(reply -> answered.add(reply.queryId()));
    assertThat(answered).isEqualTo(asked.keySet());
    assertThat(answered).hasSizeGreaterThan(80);
    assertThat(running.deadLetters()).isEmpty();
    assertThat(running.mergersEntries()).isZero();
  }

  // time to live

  @Test
  void noShardExpiresWhileTheSequenceLives() throws Exception {
    running.close();
    start(options(TIME_TO_LIVE, new ShardOptions(SHARDS, Set.of("hot"))));
    Duration between = TIME_TO_LIVE.dividedBy(3);
    // Each shard gets no token for far longer than its time to live.
    for (int token = 0; token < 5 * SHARDS * CUT; token++) {
      hot.take(tokens, token, token + 1);
      running.pass(between);
    }
    assertThat(hot.ask(queries).tokens()).isEqualTo(5 * SHARDS * CUT);

    running.pass(TIME_TO_LIVE.plus(TIME_TO_LIVE.dividedBy(RouteFunction.ALIVE_PER_LIFE)));
    running.pass(Duration.ofSeconds(1));

    assertThat(hot.ask(queries).tokens()).isZero();
    assertThat(running.sequencesEntries()).isZero();
  }

  @Test
  void noShardExpiresBeforeTheLastTokenIsOldEnough() throws Exception {
    running.close();
    start(options(TIME_TO_LIVE, new ShardOptions(SHARDS, Set.of("hot"))));
    hot.take(tokens, 0, SHARDS * CUT);
    running.pass(TIME_TO_LIVE.dividedBy(5));
    hot.take(tokens, SHARDS * CUT, SHARDS * CUT + 1);

    running.pass(TIME_TO_LIVE.minusMillis(1));

    assertThat(hot.ask(queries).tokens()).isEqualTo(SHARDS * CUT + 1);
  }

  @Test
  void formerShardsLiveAsLongAsTheirSequence() throws Exception {
    running.close();
    start(options(TIME_TO_LIVE, new ShardOptions(SHARDS, Set.of("hot"))));
    hot.take(tokens, 0, SHARDS * CUT);
    running.restart(options(TIME_TO_LIVE, ShardOptions.NONE), 2);
    for (int token = SHARDS * CUT; token < SHARDS * CUT + 20; token++) {
      running.pass(TIME_TO_LIVE.dividedBy(7));
      hot.take(tokens, token, token + 1);
    }
    running.pass(TIME_TO_LIVE.minusMillis(1));

    assertThat(hot.ask(queries).tokens()).isEqualTo(SHARDS * CUT + 20);
  }

  @Test
  void signsOfLifeDoNotCreateAShard() throws Exception {
    running.close();
    start(options(TIME_TO_LIVE, new ShardOptions(SHARDS, Set.of("hot"))));
    hot.take(tokens, 0, 1);
    int entries = running.sequencesEntries();
    assertThat(entries).as("header, token, timer").isEqualTo(3);
  }

  // restore

  @ParameterizedTest(name = "{0} subtasks")
  @ValueSource(ints = {1, 2, 4})
  void aHalfMergedAnswerSurvivesAChangeOfParallelism(int parallelism) throws Exception {
    hot.take(tokens, 0, 70);
    hot.askAsOf(100, "waits", queries);
    hot.take(tokens, 70, 95);
    RunningShards.Checkpoint checkpoint = running.checkpoint();
    hot.take(tokens, 95, 100);
    assertThat(onlyAnswer().tokens()).isEqualTo(100);

    // After the crash, records since the checkpoint are read again.
    running.restore(checkpoint, parallelism);
    hot.take(tokens, 95, 99);
    assertThat(running.replies()).isEmpty();
    hot.take(tokens, 99, 100);

    Reply.Answer answer = onlyAnswer();
    assertThat(answer.timedOut()).isFalse();
    assertThat(answer.tokens()).isEqualTo(100);
    TokenStream.assertClose(answer, tokens.oracle(queries, 100), ROUNDING);
    running.pass(TIMEOUT);
    assertThat(running.replies()).isEmpty();
    assertThat(running.mergersEntries()).isZero();
  }

  // options that change

  @Test
  void aSequenceThatBecomesShardedKeepsItsTokens() throws Exception {
    running.close();
    start(options(null, ShardOptions.NONE));
    hot.take(tokens, 0, 40);
    running.restart(immortal(2), 2);
    hot.take(tokens, 40, 80);
    running.restart(immortal(8), 3);
    hot.take(tokens, 80, 120);

    TokenStream.assertClose(hot.ask(queries), tokens.oracle(queries, 120), ROUNDING);
    assertThat(hot.ask(queries).position()).isEqualTo(119);
  }

  /** A shard without tokens learns the position of the sequence with its first token. */
  @Test
  void queriesWaitWhileASequenceBecomesSharded() throws Exception {
    running.close();
    start(options(null, ShardOptions.NONE));
    hot.take(tokens, 0, 120);
    running.restart(immortal(8), 3);
    hot.askAsOf(120 + 8 * CUT, "all shards", queries);
    hot.take(tokens, 120, 119 + 8 * CUT);
    assertThat(running.replies()).isEmpty();
    hot.take(tokens, 119 + 8 * CUT, 120 + 8 * CUT);
    Reply.Answer reached = onlyAnswer();
    assertThat(reached.tokens()).isEqualTo(120 + 8 * CUT);
    assertThat(reached.timedOut()).isFalse();
  }

  @Test
  void asOfIsAnsweredInTimeWhileMostShardsAreEmpty() throws Exception {
    running.close();
    start(options(null, ShardOptions.NONE));
    hot.take(tokens, 0, 120);
    running.restart(immortal(8), 3);
    hot.askAsOf(130, "q", queries);
    hot.take(tokens, 120, 129);
    assertThat(running.replies()).isEmpty();
    hot.take(tokens, 129, 130);

    Reply.Answer answer = onlyAnswer();
    assertThat(answer.tokens()).isEqualTo(130);
    assertThat(answer.timedOut()).isFalse();
    running.pass(TIMEOUT);
    assertThat(running.replies()).isEmpty();
    assertThat(running.mergersEntries()).isZero();
  }

  @Test
  void fewerShardsAndNoShardsKeepAllTokens() throws Exception {
    running.close();
    start(immortal(8));
    hot.take(tokens, 0, 100);
    running.restart(immortal(2), 2);
    hot.take(tokens, 100, 150);
    TokenStream.assertClose(hot.ask(queries), tokens.oracle(queries, 150), ROUNDING);

    running.restart(options(null, ShardOptions.NONE), 1);
    hot.take(tokens, 150, 170);

    Reply.Answer answer = hot.ask(queries);
    TokenStream.assertClose(answer, tokens.oracle(queries, 170), ROUNDING);
    assertThat(answer.tokens()).isEqualTo(170);
    running.restart(options(null, ShardOptions.NONE), 3);
    assertThat(hot.stats().tokens()).isEqualTo(170);
    hot.forget();
    assertThat(running.sequencesEntries()).isZero();
  }

  @Test
  void aQueryFromBeforeShardingIsAnsweredAtItsTimeout() throws Exception {
    running.close();
    start(options(null, ShardOptions.NONE));
    hot.take(tokens, 0, 10);
    hot.askAsOf(60, "q", queries);
    running.restart(immortal(2), 2);
    hot.take(tokens, 10, 60);
    assertThat(running.replies()).isEmpty();

    running.pass(TIMEOUT);

    Reply.Answer answer = onlyAnswer();
    assertThat(answer.timedOut()).isTrue();
    assertThat(answer.tokens()).as("tokens of the first shard").isBetween(10L, 59L);
  }

  @Test
  void otherDimensionsAreRefusedOnceForAllShards() throws Exception {
    hot.take(tokens, 0, 50);
    HeadSpec old = TestOptions.folding();
    HeadSpec wider =
        new HeadSpec(FOLDING, 6, 3, 1, old.stateSize(), CUT, old.family(), 7, Map.of());
    running.restart(
        new SequenceOptions(
            List.of(wider),
            TIMEOUT,
            WaitingLimits.ofQueries(MAX_WAITING),
            null,
            AnchorOptions.FROM_THE_TOPIC,
            new ShardOptions(SHARDS, Set.of("hot"))),
        2);

    hot.askAsOf(0, "wider", new float[12], 2);
    assertThat(onlyRefusal()).startsWith("key, value: the sequence began with other dimensions");
    assertThat(hot.ask(queries).tokens()).as("query vectors of the old dimension").isEqualTo(50);
    assertThat(running.mergersEntries()).isZero();
  }
}
