package dev.onepass.operators.ordering;

import dev.onepass.operators.event.DeadLetter;
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
 * Gives out the events of each sequence, or of each of its shards, in the order of their records'
 * timestamps; of one timestamp tokens before queries, then by partition and offset. An event waits
 * in state until the watermark has passed it, by one timer for each sequence and timestamp.
 *
 * <p>What is not above the watermark came too late: others that are newer have been given out. It
 * leaves through {@link SideOutputs#DEAD_LETTERS}, or as a shard's refusal through {@link
 * SideOutputs#PARTS}.
 *
 * <p>What lies further ahead of this worker's clock than {@link EventTime#ahead} is given out like
 * all else, but does not count as passed: one wrong timestamp, a savepoint that has one or another
 * worker whose clock is ahead would make late whatever comes.
 *
 * <p>Where all inputs are idle no watermark would come any more, and the last events would wait
 * until there are new ones: all that waits is given out then. So it is at the end of the input.
 *
 * <p>It is an operator and not a function, because the events of one timestamp are a list of their
 * own, which only a namespace of the state gives.
 */
public final class OrderOperator extends AbstractStreamOperator<Event>
    implements OneInputStreamOperator<Event, Event>, Triggerable<SequenceKey, VoidNamespace> {
  private static final long serialVersionUID = 1L;

  /** Of events of one timestamp. */
  private static final Comparator<Event> ORDER =
      Comparator.comparing(Event::isAsked)
          .thenComparing(event -> event.origin().partition())
          .thenComparing(event -> event.origin().offset());

  private final EventTime eventTime;

  private transient EarlyEvents early;
  private transient InternalTimerService<VoidNamespace> timers;
  private transient OrderMetrics metrics;

  /** Up to here, in epoch milliseconds, everything that came in time was given out. */
  private transient long passed;

  /** Orders by the watermarks that these options make. */
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
    timers = getInternalTimerService("release", VoidNamespaceSerializer.INSTANCE, this);
    metrics = new OrderMetrics(getMetricGroup());
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
      // About the clock, not about the order.
      output.collect(element);
    } else if (EventTime.isNone(timestamp)) {
      // Decoders refuse it. What a savepoint has of a job that took it is not late, it has no time.
      metrics.countRefused();
      refuse(event, EventTime.noneReason(timestamp));
    } else if (timestamp <= passed) {
      metrics.countLate();
      refuse(
          event,
          "timestamp: %d is late, all up to %d is applied already; order.lateness is %d ms"
              .formatted(timestamp, passed, eventTime.lateness().toMillis()));
    } else if (early.add(timestamp, event)) {
      timers.registerEventTimeTimer(VoidNamespace.INSTANCE, timestamp);
    } else {
      metrics.countRefused();
      refuse(
          event,
          "timestamp: %d has %d MiB of records of this sequence already; let the clock of their producer go on, and send the record again"
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
    throw new IllegalStateException("no timer of this operator runs on the clock");
  }

  /** The last watermark, beyond all clocks, says that nothing follows, not how far it came. */
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
    if (Shards.spread(event) == null) {
      emit(SideOutputs.DEAD_LETTERS, new DeadLetter(event.origin(), reason));
    } else {
      emit(SideOutputs.PARTS, Shards.refusal(event, 0, reason));
    }
  }

  private <T> void emit(OutputTag<T> tag, T what) {
    output.collect(tag, new StreamRecord<>(what));
  }
}
