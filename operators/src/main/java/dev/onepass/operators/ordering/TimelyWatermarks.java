// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.ordering;

import dev.onepass.operators.event.RawRecord;
import java.time.Clock;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.util.clock.RelativeClock;

/**
 * Generates the watermarks of a partition, {@link EventTime#lateness} behind its highest timestamp,
 * and marks the partition as idle.
 *
 * <p>A record that is refused for its timestamp does not move the watermark and does not count as
 * activity. A record that is not above the partition's watermark may end an idle time, but does not
 * delay the next one. Otherwise a producer whose clock is behind could hold up all other partitions
 * for ever with a few records.
 */
public final class TimelyWatermarks implements WatermarkGenerator<RawRecord> {

  private final EventTime eventTime;
  private final Clock clock;

  /** Flink's generator, with the idle times of {@link EventTime#idleness}. */
  private final WatermarkGenerator<RawRecord> watermarks;

  private final PartitionDelay delay;

  private long watermark = Long.MIN_VALUE;
  private boolean idle;

  private TimelyWatermarks(
      EventTime eventTime,
      Clock clock,
      WatermarkGenerator<RawRecord> watermarks,
      PartitionDelay delay) {
    this.eventTime = eventTime;
    this.clock = clock;
    this.watermarks = watermarks;
    this.delay = delay;
  }

  /**
   * Returns the watermark strategy of the sources.
   *
   * @param eventTime options of the order
   * @param clock clock of the worker; must be serializable, because it is sent with the job graph
   */
  public static WatermarkStrategy<RawRecord> strategy(EventTime eventTime, Clock clock) {
    WatermarkStrategy<RawRecord> ofAll =
        WatermarkStrategy.<RawRecord>forBoundedOutOfOrderness(eventTime.lateness())
            .withIdleness(eventTime.idleness());
    return WatermarkStrategy.forGenerator(
            context ->
                new TimelyWatermarks(
                    eventTime,
                    clock,
                    ofAll.createWatermarkGenerator(new Partition(context)),
                    new PartitionDelay(context.getMetricGroup(), clock::millis)))
        .withTimestampAssigner((record, timestamp) -> record.timestamp());
  }

  @Override
  public void onEvent(RawRecord record, long timestamp, WatermarkOutput output) {
    if (eventTime.takes(timestamp, clock.millis()) && (timestamp > watermark || idle)) {
      watermark = Math.max(watermark, timestamp - eventTime.lateness().toMillis() - 1);
      idle = false;
      delay.reached(record.topic(), record.partition(), watermark);
      watermarks.onEvent(record, timestamp, output);
    }
  }

  @Override
  public void onPeriodicEmit(WatermarkOutput output) {
    watermarks.onPeriodicEmit(new IdleListener(output));
  }

  /** Flink's context of a partition, with a clock that does not count pauses as idle time. */
  private static final class Partition implements WatermarkGeneratorSupplier.Context {

    private final WatermarkGeneratorSupplier.Context context;
    private final RelativeClock clock;

    private Partition(WatermarkGeneratorSupplier.Context context) {
      this.context = context;
      clock = new ActivityClock(context.getInputActivityClock());
    }

    @Override
    public MetricGroup getMetricGroup() {
      return context.getMetricGroup();
    }

    @Override
    public RelativeClock getInputActivityClock() {
      return clock;
    }
  }

  /** Notes when the partition becomes idle. */
  private final class IdleListener implements WatermarkOutput {

    private final WatermarkOutput output;

    private IdleListener(WatermarkOutput output) {
      this.output = output;
    }

    @Override
    public void emitWatermark(Watermark made) {
      output.emitWatermark(made);
    }

    @Override
    public void markIdle() {
      idle = true;
      delay.markIdle();
      output.markIdle();
    }

    @Override
    public void markActive() {
      output.markActive();
    }
  }
}
