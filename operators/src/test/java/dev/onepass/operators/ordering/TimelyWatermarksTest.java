// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.ordering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.operators.event.Headers;
import dev.onepass.operators.event.Hole;
import dev.onepass.operators.event.RawRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.TimestampAssigner;
import org.apache.flink.api.common.eventtime.TimestampAssignerSupplier;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.InstantiationUtil;
import org.apache.flink.util.clock.ManualClock;
import org.apache.flink.util.clock.RelativeClock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks the watermarks and idle times of a partition. */
class TimelyWatermarksTest {
  private static final long NOW = 1_800_000_000_000L;
  private static final long LATENESS = 5_000;
  private static final long IDLENESS = 60_000;
  private static final long AHEAD = 600_000;
  private static final EventTime EVENT_TIME =
      new EventTime(
          Duration.ofMillis(LATENESS), Duration.ofMillis(IDLENESS), Duration.ofMillis(AHEAD));

  private final ManualClock activity = new ManualClock(1);
  private final Partition told = new Partition();

  /** Gauges by their path. */
  private final Map<String, Gauge<?>> gauges = new HashMap<>();

  private WatermarkGenerator<RawRecord> watermarks;
  private TimestampAssigner<RawRecord> timestamps;

  /** Stores the last output. */
  private static final class Partition implements WatermarkOutput {
    private final List<Long> made = new ArrayList<>();
    private boolean idle;

    @Override
    public void emitWatermark(Watermark watermark) {
      made.add(watermark.getTimestamp());
      idle = false;
    }

    @Override
    public void markIdle() {
      idle = true;
    }

    @Override
    public void markActive() {
      idle = false;
    }

    private long watermark() {
      return made.get(made.size() - 1);
    }
  }

  private final class Context
      implements WatermarkGeneratorSupplier.Context, TimestampAssignerSupplier.Context {
    @Override
    public MetricGroup getMetricGroup() {
      return new Registered("");
    }

    @Override
    public RelativeClock getInputActivityClock() {
      // A real clock advances with each read.
      return new RelativeClock() {
        private long looks;

        @Override
        public long relativeTimeNanos() {
          return activity.relativeTimeNanos() + looks++;
        }

        @Override
        public long relativeTimeMillis() {
          return relativeTimeNanos() / 1_000_000;
        }
      };
    }
  }

  private final class Registered extends UnregisteredMetricsGroup {
    private final String path;

    private Registered(String path) {
      this.path = path;
    }

    @Override
    public MetricGroup addGroup(String name) {
      return new Registered(path + name + ".");
    }

    @Override
    public MetricGroup addGroup(String key, String value) {
      return new Registered(path + key + "=" + value + ".");
    }

    @Override
    public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
      gauges.put(path + name, gauge);
      return gauge;
    }
  }

  private Object delay() {
    return gauges.get("onepass.topic=t.partition=0.watermarkDelayMillis").getValue();
  }

  @BeforeEach
  void start() throws Exception {
    Clock clock = Clock.fixed(Instant.ofEpochMilli(NOW), ZoneOffset.UTC);
    // The strategy is serialized on its way to the workers.
    WatermarkStrategy<RawRecord> strategy =
        InstantiationUtil.clone(TimelyWatermarks.strategy(EVENT_TIME, clock));
    watermarks = strategy.createWatermarkGenerator(new Context());
    timestamps = strategy.createTimestampAssigner(new Context());
  }

  private void read(long timestamp) {
    RawRecord record = new RawRecord("t", 0, 0, timestamp, null, null, Headers.NONE);
    watermarks.onEvent(record, timestamps.extractTimestamp(record, 7), told);
  }

  /** A hole has no timestamp. */
  @Test
  void holesMoveNothing() {
    read(NOW);
    pass(400);
    long before = told.watermark();
    pass(2 * IDLENESS);
    assertThat(told.idle).isTrue();

    RawRecord hole = new Hole("t", 0, 1_000, false).toRecord();
    watermarks.onEvent(hole, timestamps.extractTimestamp(hole, 7), told);
    pass(400);

    assertThat(told.idle).isTrue();
    assertThat(told.watermark()).isEqualTo(before);
  }

  /** Advances the clock, and emits periodically as Flink does. */
  private void pass(long millis) {
    for (long passed = 0; passed < millis; passed += 200) {
      activity.advanceTime(Duration.ofMillis(200));
      watermarks.onPeriodicEmit(told);
    }
  }

  @Test
  void watermarksFollowTheHighestTimestamp() {
    read(NOW);
    read(NOW - 3_000);
    pass(200);
    assertThat(told.watermark()).isEqualTo(NOW - LATENESS - 1);
    read(NOW + AHEAD);
    pass(200);
    assertThat(told.watermark()).isEqualTo(NOW + AHEAD - LATENESS - 1);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        NOW + AHEAD + 1,
        NOW * 1_000,
        Long.MAX_VALUE,
        NOW / 1_000,
        -1,
        -5_000,
        Long.MIN_VALUE
      })
  void refusedRecordsMoveNothing(long timestamp) {
    read(timestamp);
    pass(400);
    assertThat(told.made).as("before the first record").containsOnly(Long.MIN_VALUE);
    read(NOW);
    read(timestamp);
    pass(400);
    assertThat(told.watermark()).isEqualTo(NOW - LATENESS - 1);
  }

  /** Otherwise a producer with a wrong clock would hold up all others. */
  @ParameterizedTest
  @ValueSource(longs = {4_102_444_800_000L, -1, NOW - LATENESS - 1, 0})
  void recordsOutsideTheTimeAreNoActivity(long timestamp) {
    read(NOW);
    for (int i = 0; i < 9; i++) {
      pass(IDLENESS / 10);
      read(timestamp);
      assertThat(told.idle).isFalse();
    }
    pass(IDLENESS / 10 + 1_000);
    assertThat(told.idle).isTrue();
    assertThat(told.watermark()).isEqualTo(NOW - LATENESS - 1);
    read(NOW + 1);
    pass(200);
    assertThat(told.idle).isFalse();
  }

  @Test
  void refusedRecordsDoNotEndAnIdleTime() {
    read(NOW);
    pass(IDLENESS + 1_000);
    read(NOW + AHEAD + 1);
    read(-1);
    pass(200);
    assertThat(told.idle).isTrue();
  }

  /** The record may be waiting, and while all partitions are idle nothing would emit it. */
  @Test
  void aRecordBehindItsPartitionEndsAnIdleTimeForAWhile() {
    read(NOW);
    pass(IDLENESS + 1_000);
    read(NOW - LATENESS - 1);
    pass(200);
    for (int i = 0; i < 9; i++) {
      assertThat(told.idle).isFalse();
      pass(IDLENESS / 10);
      read(NOW - LATENESS - 1);
    }
    pass(IDLENESS / 10 + 1_000);
    assertThat(told.idle).as("further such records do not delay the next idle time").isTrue();
  }

  @Test
  void recordsWithinTheLatenessKeepAPartitionActive() {
    read(NOW);
    for (int i = 0; i < 20; i++) {
      pass(IDLENESS / 10);
      read(NOW - LATENESS);
      assertThat(told.idle).isFalse();
    }
  }

  /** An alert uses the gauge to name the partition that all others wait for. */
  @Test
  void aPartitionShowsItsDelay() {
    read(-1);
    assertThat(gauges).as("no other partition waits for one without a time").isEmpty();
    read(NOW - 3_600_000);
    assertThat(gauges).hasSize(1);
    assertThat(delay()).isEqualTo(3_600_000 + LATENESS + 1);
    read(NOW - 7_200_000);
    assertThat(delay()).isEqualTo(3_600_000 + LATENESS + 1);
    pass(IDLENESS + 1_000);
    assertThat(delay()).as("no other partition waits for an idle one").isEqualTo(0L);
    read(NOW - 1_800_000);
    assertThat(delay()).isEqualTo(1_800_000 + LATENESS + 1);
    read(NOW + AHEAD);
    assertThat(delay()).isEqualTo(0L);
    assertThat(gauges).hasSize(1);
  }
}
