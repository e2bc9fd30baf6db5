// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.ordering;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.operators.sharding.Shards;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.OutputTag;

/**
 * Emits the events of each sequence, or of each shard, in the order of their records' timestamps.
 * For equal timestamps, tokens precede queries; then partition and offset decide. An event waits in
 * state until the watermark has passed it. There is one timer per sequence and timestamp.
 *
 * <p>An event that is not above the watermark is late, because newer events have been emitted. It
 * goes to {@link SideOutputs#DEAD_LETTERS}, or, as the refusal of a shard, to {@link
 * SideOutputs#PARTS}.
 *
 * <p>An event that is further ahead of this worker's clock than {@link EventTime#ahead} is emitted
 * like others, but its time does not count as passed. Otherwise one wrong timestamp, in a savepoint
 * or from a worker whose clock is ahead, would make all later events late.
 *
 * <p>When all inputs are idle, no more watermarks come, and the last events would wait for new
 * records. The operator then emits all waiting events. It does the same at the end of the input.
 *
 * <p>This is an operator and not a function, because the list of a timestamp needs a namespace of
 * the state.
 */
public final class OrderOperator extends AbstractStreamOperator<Event>
    implements OneInputStreamOperator<Event, Event>, Triggerable<SequenceKey, VoidNamespace> {
  private static final long serialVersionUID = 1L;

  /** Name of the timers, by which savepoints find them. */
  public static final String TIMERS = "release";

  /** Compares events with equal timestamps. */
  private static final Comparator<Event> ORDER =
      Comparator.comparing(Event::isAsked)
          .thenComparing(event -> event.origin().partition())
          .thenComparing(event -> event.origin().offset());

  private final EventTime eventTime;

  private transient EarlyEvents early;
  private transient InternalTimerService<VoidNamespace> timers;
  private transient OrderMetrics orderMetrics;

  /** Time up to which all events in time have been emitted, in epoch milliseconds. */
  private transient long passed;

  /** Creates an operator with these options. */
  public OrderOperator(EventTime eventTime) {
    this.eventTime = eventTime;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    early = new EarlyEvents(getKeyedStateBackend(), context.getOperatorStateStore());
    passed = early.passed(latest());
  }

  @Override
  public void open() throws Exception {
    super.open();
    timers = getInternalTimerService(TIMERS, VoidNamespaceSerializer.INSTANCE, this);
    orderMetrics = new OrderMetrics(getMetricGroup());
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    early.putPassed(passed);
  }

  @Override
  public void processElement(StreamRecord<Event> element) {
    Event event = element.getValue();
    long timestamp = event.origin().timestamp();
    if (event instanceof Event.Alive) {
      // It concerns processing time, so its order does not matter.
      output.collect(element);
    } else if (Timestamps.isNone(timestamp)) {
      // Decoders refuse it, but a savepoint of an older build may hold it. It is not late.
      orderMetrics.countRefused();
      refuse(event, eventTime.timestamps().noneReason(timestamp));
    } else if (timestamp <= passed) {
      orderMetrics.countLate();
      refuse(
          event,
          "timestamp: %d is late; records up to %d have been applied already, and order.lateness is %d ms"
              .formatted(timestamp, passed, eventTime.lateness().toMillis()));
    } else if (early.add(timestamp, event)) {
      timers.registerEventTimeTimer(VoidNamespace.INSTANCE, timestamp);
    } else {
      orderMetrics.countRefused();
      refuse(
          event,
          "timestamp: %d already has %d MiB of records of this sequence; check that the clock of the producer advances, and send the record again"
              .formatted(timestamp, EarlyEvents.MOST_OF_A_TIMESTAMP >> 20));
    }
  }

  @Override
  public void onEventTime(InternalTimer<SequenceKey, VoidNamespace> timer) {
    long timestamp = timer.getTimestamp();
    pass(timestamp);
    List<Event> due = early.take(timestamp);
    due.sort(ORDER);
    due.forEach(event -> output.collect(new StreamRecord<>(event, timestamp)));
  }

  @Override
  public void onProcessingTime(InternalTimer<SequenceKey, VoidNamespace> timer) {
    throw new IllegalStateException("this operator has no processing-time timers");
  }

  /** Passes the time of the watermark, unless it is the final one, which is after all clocks. */
  @Override
  public void processWatermark(Watermark watermark) throws Exception {
    super.processWatermark(watermark);
    pass(watermark.getTimestamp());
  }

  @Override
  public void processWatermarkStatus(WatermarkStatus status) throws Exception {
    if (status.isIdle()) {
      getTimeServiceManager().orElseThrow().advanceWatermark(Watermark.MAX_WATERMARK);
    }
    super.processWatermarkStatus(status);
  }

  private void pass(long timestamp) {
    if (timestamp <= latest()) {
      passed = Math.max(passed, timestamp);
    }
  }

  private long latest() {
    return eventTime.latest(getProcessingTimeService().getCurrentProcessingTime());
  }

  private void refuse(Event event, String reason) {
    Shards.refuse(event, 0, reason, this::emit);
  }

  private <T> void emit(OutputTag<T> tag, T what) {
    output.collect(tag, new StreamRecord<>(what));
  }
}
