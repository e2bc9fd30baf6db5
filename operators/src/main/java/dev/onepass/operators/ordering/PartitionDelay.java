package dev.onepass.operators.ordering;

import java.util.function.LongSupplier;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * How far the event time of a partition is behind its worker's clock, in milliseconds: the gauge
 * {@code watermarkDelayMillis} with the labels {@code topic} and {@code partition}. It is 0 while
 * the partition is silent, since nobody waits for it then.
 */
public final class PartitionDelay {

  private final MetricGroup operator;
  private final LongSupplier clock;

  /** Of a partition whose name is not known yet. */
  private boolean isRegistered;

  /** Reporters read it on threads of their own. */
  private volatile long watermark = Long.MAX_VALUE;

  /**
   * Delay of a partition.
   *
   * @param operator group of the source
   * @param clock of the worker, in epoch milliseconds
   */
  public PartitionDelay(MetricGroup operator, LongSupplier clock) {
    this.operator = operator;
    this.clock = clock;
  }

  /** Takes note of how far the partition's time has come, in epoch milliseconds. */
  public void reached(String topic, int partition, long time) {
    watermark = time;
    if (!isRegistered) {
      isRegistered = true;
      operator
          .addGroup("onepass")
          .addGroup("topic", topic)
          .addGroup("partition", Integer.toString(partition))
          .gauge("watermarkDelayMillis", (Gauge<Long>) this::millis);
    }
  }

  /** Takes note that nobody waits for the partition. */
  public void isSilent() {
    watermark = Long.MAX_VALUE;
  }

  private long millis() {
    return Math.max(0, clock.getAsLong() - watermark);
  }
}
