// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.ordering;

import static dev.onepass.operators.sequence.TestOptions.FOLDING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.Part;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.ReplySerializer;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.sequence.RunningSequences;
import dev.onepass.operators.sequence.TestOptions;
import dev.onepass.operators.sequence.TokenStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks that events apply in the order of their timestamps, in whatever order they arrive. */
class OrderTest {
  private static final String TOKENS = "attention.tokens";
  private static final String QUERIES = "attention.queries";
  private static final TokenStream STREAM = new TokenStream(53);

  private static final long NOW = 1_800_000_000_000L;
  private static final long YEAR_2100 = 4_102_444_800_000L;
  private static final EventTime UNBOUNDED =
      new EventTime(Duration.ofSeconds(2), Duration.ofSeconds(30), Duration.ofDays(36_500));

  private RunningOrder order;
  @TempDir Path directory;

  @BeforeEach
  void start() throws Exception {
    order = new RunningOrder(directory, 1);
  }

  @AfterEach
  void stop() throws Exception {
    order.close();
  }

  private static SequenceKey key(String sequence) {
    return new SequenceKey(FOLDING, sequence, 0);
  }

  private static RawRecord origin(String topic, int partition, long offset, long timestamp) {
    byte[] value = "%s %d %d".formatted(topic, partition, offset).getBytes(StandardCharsets.UTF_8);
    return new RawRecord(topic, partition, offset, timestamp, null, value, Headers.NONE);
  }

  private static Event.Token token(String sequence, int partition, long offset, long timestamp) {
    return token(sequence, partition, offset, timestamp, (int) offset);
  }

  private static Event.Token token(
      String sequence, int partition, long offset, long timestamp, int position) {
    return new Event.Token(
        key(sequence),
        origin(TOKENS, partition, offset, timestamp),
        position,
        STREAM.key(position),
        STREAM.value(position),
        false);
  }

  private static Event.Query query(String sequence, int partition, long offset, long timestamp) {
    return new Event.Query(
        key(sequence),
        origin(QUERIES, partition, offset, timestamp),
        "q" + partition + "-" + offset,
        STREAM.queries(2),
        2,
        0);
  }

  /** Returns tokens and queries of some sequences, in the order in which they apply. */
  private static List<Event> history(Random random) {
    List<Event> events = new ArrayList<>();
    long timestamp = 1_000;
    int[] positions = new int[3];
    for (int i = 0; i < 900; i++) {
      timestamp += random.nextInt(3);
      int sequence = random.nextInt(positions.length);
      String id = "s" + sequence;
      if (random.nextInt(5) > 0) {
        // Random offsets, because the timestamp takes precedence.
        events.add(token(id, sequence, random.nextInt(1_000_000), timestamp, 0));
      } else {
        events.add(query(id, random.nextInt(2), random.nextInt(1_000_000), timestamp));
      }
    }
    events.sort(
        Comparator.comparing((Event event) -> event.origin().timestamp())
            .thenComparing(event -> event instanceof Event.Query)
            .thenComparing(event -> event.origin().partition())
            .thenComparing(event -> event.origin().offset()));
    // Positions rise in the expected order, so any other order loses tokens.
    for (int i = 0; i < events.size(); i++) {
      if (events.get(i) instanceof Event.Token token) {
        int sequence = token.origin().partition();
        events.set(
            i,
            token(
                token.key().sequence(),
                sequence,
                token.origin().offset(),
                token.origin().timestamp(),
                positions[sequence]++));
      }
    }
    return events;
  }

  /** Returns the states and answers of each sequence as bytes. */
  private List<Object> applied(List<Event> events) throws Exception {
    try (RunningSequences sequences =
        new RunningSequences(TestOptions.immortal(), directory.resolve("applied"))) {
      for (Event event : events) {
        sequences.take(event);
      }
      assertThat(sequences.deadLetters()).isEmpty();
      assertThat(sequences.counter("duplicates")).isZero();
      List<Object> all = new ArrayList<>();
      for (int s = 0; s < 3; s++) {
        RunningSequences.Stored stored = sequences.sequence(FOLDING, "s" + s).stored();
        all.add(List.of(stored.header(), stored.pending(), stored.sketch()));
      }
      List<Reply> replies = sequences.replies();
      replies.sort(Comparator.comparing((Reply reply) -> reply.key().sequence()));
      for (Reply reply : replies) {
        DataOutputSerializer out = new DataOutputSerializer(64);
        ReplySerializer.INSTANCE.serialize(reply, out);
        all.add(out.getCopyOfBuffer());
      }
      return all;
    }
  }

  /**
   * In whatever order events arrive, and wherever the job is restored and rescaled, states and
   * answers are bit for bit those of an arrival in order.
   */
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "2, 3, 2", "3, 1, 4", "4, 4, 1"})
  void anyOrderOfArrivalGivesTheSameStatesAndAnswers(long seed, int before, int after)
      throws Exception {
    Random random = new Random(seed);
    List<Event> history = history(random);
    List<Event> arrival = new ArrayList<>(history);
    Collections.shuffle(arrival, random);
    order.close();
    order = new RunningOrder(directory, before);
    List<Event> given = new ArrayList<>();

    for (int i = 0; i < arrival.size(); i++) {
      order.send(arrival.get(i));
      if (i % 100 == 99) {
        order.watermark(lowest(arrival.subList(i + 1, arrival.size())) - 1);
        given.addAll(order.given());
      }
      if (i == arrival.size() / 2) {
        RunningOrder.Checkpoint checkpoint = order.checkpoint();
        // Lost in the crash, and sent again below.
        order.send(arrival.get(i + 1));
        order.restore(checkpoint, after);
      }
    }

    assertThat(given).hasSameSizeAs(history);
    assertThat(order.deadLetters()).isEmpty();
    assertThat(order.timers()).isZero();
    assertThat(order.stateEntries()).isZero();
    assertThat(applied(given)).usingRecursiveComparison().isEqualTo(applied(history));
  }

  private static long lowest(List<Event> events) {
    return events.stream().mapToLong(event -> event.origin().timestamp()).min().orElse(100_000);
  }

  @Test
  void equalTimestampsAreOrderedByKindPartitionAndOffset() throws Exception {
    List<Event> due =
        List.of(
            query("s", 7, 90, 999),
            token("s", 0, 9, 1_000),
            token("s", 1, 2, 1_000),
            new Event.Forget(key("s"), origin(TOKENS, 1, 3, 1_000)),
            token("s", 1, 11, 1_000),
            new Event.StatsQuery(key("s"), origin(QUERIES, 0, 1, 1_000), "stats"),
            query("s", 0, 4, 1_000),
            new Event.RecoverQuery(key("s"), origin(QUERIES, 1, 0, 1_000), "recover", 3),
            token("s", 0, 1, 1_001));
    List<Event> arrival = new ArrayList<>(due);
    Collections.reverse(arrival);
    for (Event event : arrival) {
      order.send(event);
    }
    assertThat(order.given()).isEmpty();
    assertThat(order.timers()).as("one per timestamp").isEqualTo(3);

    order.watermark(1_001);

    assertThat(order.given()).usingRecursiveComparison().isEqualTo(due);
  }

  @Test
  void anEventThatTheWatermarkHasPassedBecomesADeadLetter() throws Exception {
    order.send(token("s", 0, 0, 1_000));
    order.watermark(1_000);
    assertThat(order.given()).hasSize(1);
    Event.Token late = token("s", 0, 1, 1_000);
    order.send(late);
    order.send(new Event.Forget(key("s"), origin(TOKENS, 0, 2, 0)));
    order.send(token("s", 0, 3, 1_001));

    assertThat(order.deadLetters())
        .hasSize(2)
        .first()
        .satisfies(
            letter -> {
              assertThat(letter.origin()).isSameAs(late.origin());
              assertThat(letter.error())
                  .isEqualTo(
                      "timestamp: 1000 is late; records up to 1000 have been applied already, and order.lateness is 2000 ms");
            });
    assertThat(order.counter("late")).isEqualTo(2);
    assertThat(order.counter("refused")).isEqualTo(2);
    order.watermark(1_001);
    assertThat(order.given()).hasSize(1);
  }

  /** Decoders refuse such an event, but an older savepoint may hold it. */
  @Test
  void anEventWithoutATimestampIsNotLate() throws Exception {
    order.watermark(NOW);
    order.send(new Event.Forget(key("s"), origin(TOKENS, 0, 2, -1)));
    order.send(token("s", 0, 0, NOW / 1_000));

    assertThat(order.deadLetters())
        .extracting(DeadLetter::error)
        .satisfiesExactly(
            error -> assertThat(error).startsWith("timestamp: -1, the record has none"),
            error -> assertThat(error).startsWith("timestamp: 1800000000 looks like seconds"));
    assertThat(order.counter("late")).isZero();
    assertThat(order.counter("refused")).isEqualTo(2);
  }

  @Test
  void lateEventsAreLateAfterARestart() throws Exception {
    order.send(token("s", 0, 0, 5_000));
    order.watermark(3_000);
    order.restore(order.checkpoint(), 3);
    order.send(token("s", 0, 1, 3_000));
    order.send(token("s", 0, 2, 3_001));

    assertThat(order.deadLetters()).hasSize(1);
    order.watermark(5_000);
    assertThat(order.given()).extracting(e -> e.origin().offset()).containsExactly(2L, 0L);
  }

  /** Otherwise the last events before the idle time would wait for its end. */
  @Test
  void nothingWaitsWhileAllPartitionsAreIdle() throws Exception {
    order.send(query("s", 0, 1, 1_900));
    order.send(token("s", 0, 0, 1_500));
    order.watermark(1_000);
    assertThat(order.given()).isEmpty();

    order.status(WatermarkStatus.IDLE);
    assertThat(order.given())
        .extracting(e -> e.origin().timestamp())
        .containsExactly(1_500L, 1_900L);
    order.status(WatermarkStatus.ACTIVE);
    order.send(token("s", 0, 2, 1_900));
    assertThat(order.deadLetters()).as("events of that time have been applied").hasSize(1);
    order.send(token("s", 0, 3, 2_500));
    order.watermark(2_000);
    assertThat(order.given()).as("the order continues").isEmpty();
    order.watermark(2_500);
    assertThat(order.given()).hasSize(1);
  }

  @Test
  void theEndOfTheInputMakesNothingLate() throws Exception {
    order.send(token("s", 0, 0, 1_500));
    order.watermark(Watermark.MAX_WATERMARK.getTimestamp());
    assertThat(order.given()).hasSize(1);

    order.restore(order.checkpoint(), 2);
    order.send(token("s", 0, 1, 1_501));
    order.watermark(2_000);

    assertThat(order.deadLetters()).isEmpty();
    assertThat(order.given()).hasSize(1);
  }

  /** A list is read into memory at once, so a clock that stands still must not fill it for ever. */
  @Test
  void theBytesOfATimestampAreBounded() throws Exception {
    byte[] large = new byte[8 << 20];
    for (int offset = 0; offset < 9; offset++) {
      RawRecord origin = new RawRecord(TOKENS, 0, offset, 5_000, null, large, Headers.NONE);
      Event.Token small = token("s", 0, offset, 5_000);
      order.send(
          new Event.Token(small.key(), origin, offset, small.vectorKey(), small.value(), false));
    }
    order.send(token("other", 0, 9, 5_000));
    order.send(token("s", 0, 10, 5_001));

    assertThat(order.deadLetters())
        .extracting(DeadLetter::error)
        .hasSize(2)
        .containsOnly(
            "timestamp: 5000 already has 64 MiB of records of this sequence; check that the clock of the producer advances, and send the record again");
    assertThat(order.counter("refused")).isEqualTo(2);
    assertThat(order.counter("late")).isZero();
    order.watermark(6_000);
    assertThat(order.given()).hasSize(9);
  }

  @Test
  void aShardRefusesAQueryWithItsPart() throws Exception {
    Event.Spread spread = new Event.Spread(4, 9);
    Event.Query query = query("s", 0, 0, 10);
    order.watermark(10);
    order.send(
        new Event.Query(
            query.key(), query.origin(), "q", query.vectors(), query.count(), 9, spread));
    order.send(new Event.StatsQuery(query.key(), query.origin(), "stats", spread));

    assertThat(order.deadLetters()).isEmpty();
    assertThat(order.counter("late")).isEqualTo(2);
    assertThat(order.parts())
        .hasSize(2)
        .allMatch(part -> part.last() && part.kind() == Part.Kind.REFUSAL)
        .extracting(Part::queryId)
        .containsExactly("q", "stats");
  }

  @Test
  void aSignOfLifeDoesNotWait() throws Exception {
    order.watermark(10);
    Event alive = new Event.Alive(key("s"), origin(TOKENS, 0, 0, 10));
    order.send(alive);

    assertThat(order.given()).containsExactly(alive);
    assertThat(order.deadLetters()).isEmpty();
  }

  /** Jobs without a bound passed the time of a wrong timestamp. */
  private RunningOrder.Checkpoint passedIn2100(int parallelism) throws Exception {
    order.options(UNBOUNDED);
    order.restore(order.checkpoint(), parallelism);
    order.clock(NOW);
    order.watermark(YEAR_2100);
    return order.checkpoint();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 2", "2, 4"})
  void aSavepointThatPassedAWrongTimestampIsUsable(int before, int after) throws Exception {
    RunningOrder.Checkpoint checkpoint = passedIn2100(before);
    order.restore(checkpoint, after);
    order.send(token("s", 0, 0, NOW + 1));
    assertThat(order.deadLetters()).as("a job without a bound").hasSize(1);

    order.options(RunningOrder.OPTIONS);
    order.restore(checkpoint, after);
    order.send(token("s", 0, 0, NOW));
    order.send(token("t", 1, 0, NOW - 60_000));
    order.watermark(NOW);

    assertThat(order.deadLetters()).isEmpty();
    assertThat(order.given()).hasSize(2);
    order.send(token("s", 0, 1, NOW));
    assertThat(order.deadLetters()).as("the order continues").hasSize(1);
  }

  /** Such an event comes from a savepoint or another worker. It is emitted, and nothing is late. */
  @ParameterizedTest
  @ValueSource(longs = {YEAR_2100, Long.MAX_VALUE - 1, Long.MAX_VALUE})
  void anEventWithAWrongTimestampMakesNothingLate(long timestamp) throws Exception {
    order.clock(NOW);
    order.send(token("s", 0, 0, timestamp));
    order.send(token("s", 0, 1, NOW - 500));
    order.restore(order.checkpoint(), 2);
    order.watermark(NOW - 1_000);
    assertThat(order.given()).isEmpty();

    order.status(WatermarkStatus.IDLE);
    assertThat(order.given()).extracting(e -> e.origin().offset()).containsExactly(1L, 0L);
    order.status(WatermarkStatus.ACTIVE);
    order.restore(order.checkpoint(), 3);
    order.send(token("s", 0, 2, NOW - 1_000));
    assertThat(order.deadLetters()).as("late").hasSize(1);
    order.send(token("s", 0, 3, NOW - 499));
    order.watermark(NOW);

    assertThat(order.deadLetters()).isEmpty();
    assertThat(order.given()).hasSize(1);
    assertThat(order.timers()).isZero();
    assertThat(order.stateEntries()).isZero();
  }

  @Test
  void drainingAnEventWithAWrongTimestampMakesNothingLate() throws Exception {
    order.clock(NOW);
    order.send(token("s", 0, 0, YEAR_2100));
    order.watermark(NOW);
    order.watermark(Watermark.MAX_WATERMARK.getTimestamp());
    assertThat(order.given()).hasSize(1);

    order.restore(order.checkpoint(), 2);
    order.send(token("s", 0, 1, NOW + 1));
    order.send(token("s", 0, 2, NOW));

    assertThat(order.deadLetters()).extracting(l -> l.origin().offset()).containsExactly(2L);
  }

  /** The bound moves with the clock. */
  @Test
  void timestampsWithinTheBoundMoveTheOrder() throws Exception {
    long most = NOW + RunningOrder.OPTIONS.ahead().toMillis();
    order.clock(NOW);
    order.watermark(most);
    order.watermark(most + 1);
    order.restore(order.checkpoint(), 2);
    order.send(token("s", 0, 0, most));
    order.send(token("s", 0, 1, most + 1));

    assertThat(order.deadLetters()).extracting(l -> l.origin().offset()).containsExactly(0L);
  }
}
