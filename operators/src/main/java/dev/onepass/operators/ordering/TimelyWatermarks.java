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
 * Watermarks of a partition, at a distance of {@link EventTime#lateness} behind its highest
 * timestamp, or that the partition is silent.
 *
 * <p>A record that is refused for its timestamp says nothing about its partition: it does not move
 * the watermark and is no sign of life. One that is not above the partition's own watermark may end
 * a silence, since it may be waiting, but not put one off: otherwise a producer whose clock is
 * behind, and who sends one now and then, would hold up all other partitions for ever.
 */
public final class TimelyWatermarks implements WatermarkGenerator<RawRecord> {

  private final EventTime eventTime;
  private final Clock clock;

  /** With the silences of {@link EventTime#idleness}. */
  private final WatermarkGenerator<RawRecord> watermarks;

  private final PartitionDelay delay;

  private long watermark = Long.MIN_VALUE;
  private boolean silent;

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
   * Returns how sources make watermarks.
   *
   * @param clock of the worker; it goes to the workers with the job, so it has to be serializable
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
    if (eventTime.takes(timestamp, clock.millis()) && (timestamp > watermark || silent)) {
      watermark = Math.max(watermark, timestamp - eventTime.lateness().toMillis() - 1);
      silent = false;
      delay.reached(record.topic(), record.partition(), watermark);
      watermarks.onEvent(record, timestamp, output);
    }
  }

  @Override
  public void onPeriodicEmit(WatermarkOutput output) {
    watermarks.onPeriodicEmit(new Listening(output));
  }

  /** What Flink tells of a partition, with a clock by which none is silent while it is paused. */
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

  /** Hears when the partition becomes silent. */
  private final class Listening implements WatermarkOutput {

    private final WatermarkOutput output;

    private Listening(WatermarkOutput output) {
      this.output = output;
    }

    @Override
    public void emitWatermark(Watermark made) {
      output.emitWatermark(made);
    }

    @Override
    public void markIdle() {
      silent = true;
      delay.isSilent();
      output.markIdle();
    }

    @Override
    public void markActive() {
      output.markActive();
    }
  }
}
