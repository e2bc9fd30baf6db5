// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.ordering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.RawRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.mocks.MockSourceSplit;
import org.apache.flink.api.connector.source.mocks.MockSourceSplitSerializer;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.runtime.source.event.AddSplitEvent;
import org.apache.flink.runtime.source.event.WatermarkAlignmentEvent;
import org.apache.flink.streaming.api.operators.SourceOperator;
import org.apache.flink.streaming.api.operators.SourceOperatorFactory;
import org.apache.flink.streaming.api.operators.source.CollectingDataOutput;
import org.apache.flink.streaming.runtime.tasks.TestProcessingTimeService;
import org.apache.flink.streaming.util.SourceOperatorTestHarness;
import org.apache.flink.util.clock.RelativeClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Runs Flink's own source operator, which pauses a partition that is ahead of others. Flink never
 * resumes a partition that becomes idle while it is paused.
 */
class PausedPartitionTest {
  private static final long NOW = 1_800_000_000_000L;
  private static final long IDLENESS = 1_900;
  private static final EventTime EVENT_TIME =
      new EventTime(Duration.ZERO, Duration.ofMillis(IDLENESS), Duration.ofMinutes(10));

  private final Reader reader = new Reader();
  private final CollectingDataOutput<RawRecord> given = new CollectingDataOutput<>();
  private SourceOperatorTestHarness<RawRecord> harness;
  private SourceOperator<RawRecord, ?> source;
  private TestProcessingTimeService time;

  /** A reader of one partition that can be paused. */
  private static final class Reader implements SourceReader<RawRecord, MockSourceSplit> {
    private final Queue<RawRecord> records = new ArrayDeque<>();
    private final Set<String> paused = new HashSet<>();

    @Override
    public InputStatus pollNext(ReaderOutput<RawRecord> output) {
      RawRecord record = paused.contains("0") ? null : records.poll();
      if (record != null) {
        output.createOutputForSplit("0").collect(record, record.timestamp());
      }
      return InputStatus.NOTHING_AVAILABLE;
    }

    @Override
    public void pauseOrResumeSplits(Collection<String> toPause, Collection<String> toResume) {
      paused.addAll(toPause);
      paused.removeAll(toResume);
    }

    @Override
    public List<MockSourceSplit> snapshotState(long checkpointId) {
      return List.of();
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void start() {}

    @Override
    public void addSplits(List<MockSourceSplit> splits) {}

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() {}
  }

  /** The source of that reader. */
  private record TestSource(Reader reader) implements Source<RawRecord, MockSourceSplit, Void> {

    @Override
    public Boundedness getBoundedness() {
      return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<RawRecord, MockSourceSplit> createReader(SourceReaderContext context) {
      return reader;
    }

    @Override
    public SimpleVersionedSerializer<MockSourceSplit> getSplitSerializer() {
      return new MockSourceSplitSerializer();
    }

    @Override
    public SplitEnumerator<MockSourceSplit, Void> createEnumerator(
        SplitEnumeratorContext<MockSourceSplit> context) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SplitEnumerator<MockSourceSplit, Void> restoreEnumerator(
        SplitEnumeratorContext<MockSourceSplit> context, Void checkpoint) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SimpleVersionedSerializer<Void> getEnumeratorCheckpointSerializer() {
      throw new UnsupportedOperationException();
    }
  }

  /** A clock that advances with each read, because the clock of the harness stands still. */
  private final class Context implements WatermarkGeneratorSupplier.Context {
    private final WatermarkGeneratorSupplier.Context context;
    private long ticks;

    private Context(WatermarkGeneratorSupplier.Context context) {
      this.context = context;
    }

    @Override
    public MetricGroup getMetricGroup() {
      return context.getMetricGroup();
    }

    @Override
    public RelativeClock getInputActivityClock() {
      RelativeClock clock = context.getInputActivityClock();
      return new RelativeClock() {
        @Override
        public long relativeTimeNanos() {
          ticks += reader.paused.isEmpty() ? 1 : 0;
          return clock.relativeTimeNanos() + ticks;
        }

        @Override
        public long relativeTimeMillis() {
          return relativeTimeNanos() / 1_000_000;
        }
      };
    }
  }

  @BeforeEach
  void start() throws Exception {
    Clock clock = Clock.fixed(Instant.ofEpochMilli(NOW), ZoneOffset.UTC);
    WatermarkStrategy<RawRecord> strategy = TimelyWatermarks.strategy(EVENT_TIME, clock);
    WatermarkStrategy<RawRecord> ticking =
        WatermarkStrategy.<RawRecord>forGenerator(
                context -> strategy.createWatermarkGenerator(new Context(context)))
            .withTimestampAssigner((record, timestamp) -> record.timestamp())
            .withWatermarkAlignment("order", Duration.ofMinutes(5), Duration.ofMillis(200));
    harness =
        new SourceOperatorTestHarness<>(
            new SourceOperatorFactory<>(new TestSource(reader), ticking),
            new MockEnvironmentBuilder().build());
    harness.setup();
    harness.initializeEmptyState();
    harness.open();
    source = (SourceOperator<RawRecord, ?>) harness.getOperator();
    time = harness.getProcessingTimeService();
    source.handleOperatorEvent(
        new AddSplitEvent<>(
            List.of(new MockSourceSplit(0), new MockSourceSplit(1)),
            new MockSourceSplitSerializer()));
    source.emitNext(given);
  }

  @AfterEach
  void stop() throws Exception {
    harness.close();
  }

  private void read(long timestamp) throws Exception {
    reader.records.add(new RawRecord("t", 0, 0, timestamp, null, null, Headers.NONE));
    source.emitNext(given);
  }

  private void pass(long millis) throws Exception {
    for (long passed = 0; passed < millis; passed += 50) {
      time.advance(50);
    }
  }

  /** Pauses the partition at different times after its last record. */
  @Test
  void aPausedPartitionIsResumed() throws Exception {
    for (long moment = IDLENESS - 400; moment <= IDLENESS + 600; moment += 50) {
      read(NOW);
      pass(moment);
      // A partition of another task is far behind.
      source.handleOperatorEvent(new WatermarkAlignmentEvent(NOW - 600_000));
      pass(3 * IDLENESS);
      // The other partition has caught up.
      source.handleOperatorEvent(new WatermarkAlignmentEvent(NOW + 600_000));
      pass(1_000);
      assertThat(reader.paused).as("%d ms after its last record", moment).isEmpty();
    }
  }

  @Test
  void aResumedPartitionMayBecomeIdle() throws Exception {
    read(NOW);
    pass(1_000);
    source.handleOperatorEvent(new WatermarkAlignmentEvent(NOW - 600_000));
    assertThat(reader.paused).containsExactly("0");
    pass(3 * IDLENESS);
    assertThat(source.getSplitMetricGroup("0").isIdle()).isFalse();
    source.handleOperatorEvent(new WatermarkAlignmentEvent(NOW + 600_000));
    pass(IDLENESS + 1_000);
    assertThat(source.getSplitMetricGroup("0").isIdle()).isTrue();
  }
}
