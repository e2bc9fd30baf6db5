// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.anchors.learner.LearnerProgress.Stage;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Sample;
import dev.onepass.operators.metrics.OnepassMetrics;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.wide.ColumnSample;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the first anchor set of a head from samples of its query vectors and keys, if the anchors
 * topic does not bring a set before there are enough samples.
 *
 * <p>Records of the topic pass through. A set that was made leaves through {@link #PUBLISH} and
 * returns by the topic, so that every job and every restart has the same set. Only if the topic
 * cannot take the set does it go directly to the sequences of this job. In both cases it passes
 * through this operator, so sequences receive the sets of a head in one order.
 *
 * <p>{@link SetMaking} makes the set on another thread while a timer polls for the result. The
 * samples stay in state until then, and no samples are added, so a restart makes the same set
 * again.
 *
 * <p>The set of a head with wide keys begins with the columns, which are learned from the same
 * samples. If they keep too little of the logits' variance, no set is made. Such a head needs its
 * set to project keys, so its set is published even if it does not beat clusters.
 *
 * <p>Another set that does not beat clusters is not published, nor is a set whose version is
 * unknown because the topic cannot be read. The learner then collects more samples and tries again
 * at growing intervals.
 */
final class AnchorLearner extends KeyedCoProcessFunction<String, RawRecord, Sample, RawRecord> {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(AnchorLearner.class);

  /** Sets that are to be written to the topic. */
  static final OutputTag<RawRecord> PUBLISH =
      new OutputTag<>("publish-anchors", FlowTypes.RAW_RECORD);

  /** How often the timer checks whether a set is made. */
  static final Duration POLL = Duration.ofMillis(500);

  /** A published set returns by its topic with the next checkpoint, unless it was lost. */
  static final Duration COMES_BACK = Duration.ofMinutes(30);

  // The lists that are passed in are serializable.
  @SuppressWarnings("serial")
  private final List<HeadSpec> heads;

  // The lists that are passed in are serializable.
  @SuppressWarnings("serial")
  private final List<String> tooWide;

  private final int anchors;
  private final Duration learnAfter;
  private final AnchorsTopic topic;

  private transient Counter beaten;
  private transient Counter lossy;
  private transient Counter failed;
  private transient Map<String, HeadSpec> learned;
  private transient SampleStore store;
  private transient SampleCollector collector;
  private transient LearnerSchedule schedule;
  private transient SetMaking making;

  AnchorLearner(List<HeadSpec> heads, AnchorOptions options, AnchorsTopic topic) {
    this.heads = AnchorLearning.learned(heads, options);
    tooWide =
        heads.stream()
            .filter(head -> options.learns(head.name()) && head.usesSets())
            .filter(head -> !this.heads.contains(head))
            .map(HeadSpec::name)
            .toList();
    this.topic = topic;
    anchors = options.count();
    learnAfter = options.learnAfter();
  }

  @Override
  public void open(OpenContext context) {
    if (getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0) {
      tooWide.forEach(
          head ->
              LOG.warn(
                  "head {}: anchor sets are not learned for keys longer than {}; publish a set on topic {}, or set anchors.learn to false",
                  head,
                  AnchorSetMaker.MOST_KEY_DIM,
                  topic.name()));
    }
    MetricGroup metrics = OnepassMetrics.group(getRuntimeContext().getMetricGroup());
    beaten = metrics.counter("anchorSetsBeaten");
    lossy = metrics.counter("anchorSetsLossy");
    failed = metrics.counter("anchorSetsFailed");
    store = new SampleStore(getRuntimeContext());
    collector = new SampleCollector(store, anchors);
    schedule = new LearnerSchedule(store, learnAfter);
    learned = new HashMap<>();
    heads.forEach(head -> learned.put(head.name(), head));
    making = new SetMaking(topic);
  }

  /** Forwards a set of the topic, and stops learning for its head. */
  @Override
  public void processElement1(RawRecord record, Context context, Collector<RawRecord> out)
      throws Exception {
    AnchorSet set = AnchorSet.fromByteArray(record.value());
    LearnerProgress progress = store.progress();
    int version = progress == null ? 0 : progress.version();
    int columns = set.columns().map(ColumnSample::columns).orElse(0);
    done(
        context.getCurrentKey(),
        LearnerProgress.dims(set.fullDim(), columns),
        Math.max(version, set.version()));
    out.collect(record);
  }

  private void done(String head, int dims, int version) throws Exception {
    making.cancel(head);
    store.clearSamples();
    store.putProgress(LearnerProgress.done(dims, version));
  }

  @Override
  public void processElement2(Sample sample, Context context, Collector<RawRecord> out)
      throws Exception {
    HeadSpec head = learned.get(sample.head());
    if (head == null || sample.vector().length != head.keyDim()) {
      return; // In flight when the job was restored with other options.
    }
    TimerService timers = context.timerService();
    LearnerProgress progress = progress(head, timers);
    if (progress.stage() == Stage.MAKES) {
      if (making.isIdle()) {
        make(head, progress, timers);
      }
    } else if (progress.stage() == Stage.COLLECTS) {
      makeIfEnough(head, collector.add(head, progress, sample), timers);
    }
  }

  /** Returns the progress of a head; starts over if it is for keys of other lengths. */
  private LearnerProgress progress(HeadSpec head, TimerService timers) throws Exception {
    LearnerProgress progress = store.progress();
    if (progress != null && progress.dims() == LearnerProgress.dims(head)) {
      return progress;
    }
    store.clearSamples();
    return schedule.begin(head, progress == null ? 0 : progress.version(), timers);
  }

  private void makeIfEnough(HeadSpec head, LearnerProgress progress, TimerService timers)
      throws Exception {
    if (schedule.isEnough(collector.sizes(head), progress, timers)) {
      makeAgain(head, progress, timers);
    }
  }

  private void makeAgain(HeadSpec head, LearnerProgress progress, TimerService timers)
      throws Exception {
    LearnerProgress next = progress.making();
    store.putProgress(next);
    make(head, next, timers);
  }

  /** Makes the set, unless it is being made already; tries later if another head's is. */
  private void make(HeadSpec head, LearnerProgress progress, TimerService timers) throws Exception {
    if (making.isOf(head.name())) {
      return;
    }
    if (making.isIdle()) {
      making.begin(
          new SetOrder(
              head,
              progress.version(),
              store.past(true, head.keyDim()),
              store.past(false, head.keyDim()),
              anchors));
    }
    poll(timers);
  }

  private static void poll(TimerService timers) {
    timers.registerProcessingTimeTimer(timers.currentProcessingTime() + POLL.toMillis());
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<RawRecord> out)
      throws Exception {
    HeadSpec head = learned.get(context.getCurrentKey());
    LearnerProgress progress = store.progress();
    if (head == null || progress == null || progress.dims() != LearnerProgress.dims(head)) {
      return;
    }
    TimerService timers = context.timerService();
    if (progress.stage() == Stage.COLLECTS) {
      makeIfEnough(head, progress, timers);
    } else if (progress.stage() == Stage.MAKES) {
      if (!making.isOf(head.name())) {
        make(head, progress, timers); // After a restart, or after the set of another head.
      } else if (making.isDone()) {
        finish(head, progress, making.take(), context, out);
      } else {
        poll(timers);
      }
    } else if (progress.stage() == Stage.PUBLISHED && timestamp >= progress.notBefore()) {
      publishAgain(head, progress, timers);
    }
  }

  /** Makes a lost set again: brokers may abort a transaction without a word to its producer. */
  private void publishAgain(HeadSpec head, LearnerProgress progress, TimerService timers)
      throws Exception {
    failed.inc();
    LOG.warn(
        "head {}: version {} of its anchor set was published {} min ago and is not on topic {}; making it again",
        head.name(),
        progress.version(),
        COMES_BACK.toMinutes(),
        topic.name());
    makeAgain(head, progress, timers);
  }

  private void finish(
      HeadSpec head,
      LearnerProgress progress,
      Outcome outcome,
      OnTimerContext context,
      Collector<RawRecord> out)
      throws Exception {
    if (outcome instanceof Outcome.Made made) {
      release(head, progress, made, context, out);
    } else if (outcome instanceof Outcome.AlreadyOnTopic set) {
      // Tasks of sequences read it when they started, or receive it through this operator.
      LOG.info("head {}: the job does not learn an anchor set: {}", head.name(), set.reason());
      done(head.name(), LearnerProgress.dims(head), Math.max(progress.version(), set.version()));
    } else {
      tryLater(head, progress, outcome, context.timerService());
    }
  }

  private void release(
      HeadSpec head,
      LearnerProgress progress,
      Outcome.Made made,
      OnTimerContext context,
      Collector<RawRecord> out)
      throws Exception {
    if (made.obstacle().isEmpty()) {
      LOG.info("head {}: published on topic {}: {}", head.name(), topic.name(), made.description());
      context.output(PUBLISH, made.record());
      long until = context.timerService().currentProcessingTime() + COMES_BACK.toMillis();
      store.putProgress(progress.published(made.version(), until));
      context.timerService().registerProcessingTimeTimer(until);
    } else {
      done(head.name(), LearnerProgress.dims(head), made.version());
      LOG.warn(
          "head {}: only this job uses the {}, because it cannot be published: {}",
          head.name(),
          made.description(),
          made.obstacle().get());
      out.collect(made.record());
    }
  }

  private void tryLater(
      HeadSpec head, LearnerProgress progress, Outcome outcome, TimerService timers)
      throws Exception {
    LearnerTally tally = store.tally();
    Duration wait = schedule.retryAfter(tally.failures());
    report(head, outcome, wait);
    long retry = timers.currentProcessingTime() + wait.toMillis();
    store.putTally(tally.failedAgain());
    store.putProgress(progress.retryAt(retry));
    timers.registerProcessingTimeTimer(retry);
  }

  private void report(HeadSpec head, Outcome outcome, Duration wait) {
    counter(outcome).inc();
    if (outcome instanceof Outcome.Failed failure) {
      LOG.warn(
          "head {}: an anchor set cannot be made; trying again in {} with the samples of that time",
          head.name(),
          wait,
          failure.cause());
      return;
    }
    LOG.warn(
        "head {}: the anchor set is not published: {}; trying again in {} with the samples of that time",
        head.name(),
        reason(outcome),
        wait);
  }

  private Counter counter(Outcome outcome) {
    if (outcome instanceof Outcome.Beaten) {
      return beaten;
    }
    return outcome instanceof Outcome.Lossy ? lossy : failed;
  }

  private static String reason(Outcome outcome) {
    if (outcome instanceof Outcome.Beaten set) {
      return "it does not beat clusters: " + set.reason();
    }
    return outcome instanceof Outcome.Lossy columns
        ? columns.reason()
        : ((Outcome.WithoutVersion) outcome).reason();
  }

  @Override
  public void close() {
    if (making != null) {
      making.close();
    }
  }
}
