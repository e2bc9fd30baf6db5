package dev.onepass.operators.anchors.learner;

import dev.onepass.operators.anchors.AnchorOptions;
import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.anchors.learner.LearnerProgress.Stage;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Sample;
import dev.onepass.sketch.anchors.AnchorSet;
import dev.onepass.sketch.anchors.fit.AnchorSetMaker;
import dev.onepass.sketch.sequence.HeadSpec;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
 * Makes the first anchor set of a head from samples of its queries and keys, once there are enough
 * of them and as long as the anchors topic brings none.
 *
 * <p>Records of the topic pass through. A set that was made leaves through {@link #PUBLISH} and
 * comes back by the topic, so that every job and every restart has the same one. Only if the topic
 * cannot take it does it go to this job's sequences directly; it passes here in either case, so
 * that they see the sets of a head in one order.
 *
 * <p>Making takes long and is done on a thread of its own, looked after by a timer. The samples
 * stay in state until then, and none are added: after a restart the same set is made again. One set
 * is made at a time, so that no more than one head's samples are read into memory.
 *
 * <p>A sequence keeps at most its share of the places as soon as others want them. Samples that few
 * sequences gave wait a little for those of others.
 *
 * <p>A set that does not beat clusters, or whose version cannot be told because the topic cannot be
 * read, is not published: samples are collected on, and it is tried again at growing intervals.
 */
final class AnchorLearner extends KeyedCoProcessFunction<String, RawRecord, Sample, RawRecord> {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(AnchorLearner.class);

  /** Sets on their way to the topic. */
  static final OutputTag<RawRecord> PUBLISH =
      new OutputTag<>("publish-anchors", FlowTypes.RAW_RECORD);

  /** How often the timer looks whether a set is made. */
  static final Duration POLL = Duration.ofMillis(500);

  /** How long samples of few sequences wait for others, if the options do not wait less for all. */
  static final Duration FEW_SEQUENCES_WAIT = Duration.ofSeconds(30);

  /** A published set comes back by its topic with the next checkpoint, unless it was lost. */
  static final Duration COMES_BACK = Duration.ofMinutes(30);

  private static final Duration SHORTEST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofDays(1);

  /** Places that are looked at for one of a sequence that holds more than its share. */
  private static final int LOOKS = 16;

  private final List<HeadSpec> heads;
  private final List<String> tooWide;
  private final int anchors;
  private final Duration learnAfter;
  private final AnchorsTopic topic;

  private transient Counter beaten;
  private transient Counter failed;
  private transient Map<String, HeadSpec> learned;
  private transient SampleStore store;
  private transient Map<String, Future<MadeSet>> making;
  private transient ExecutorService maker;

  AnchorLearner(List<HeadSpec> heads, AnchorOptions options, AnchorsTopic topic) {
    this.heads = AnchorLearning.learned(heads, options);
    tooWide =
        heads.stream()
            .filter(head -> options.learns(head.name()) && !this.heads.contains(head))
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
                  "head {}: no anchor set is learned for keys of more than {} numbers; publish one on {}, or set anchors.learn to false",
                  head,
                  AnchorSetMaker.MOST_KEY_DIM,
                  topic.name()));
    }
    MetricGroup metrics = getRuntimeContext().getMetricGroup().addGroup("onepass");
    beaten = metrics.counter("anchorSetsBeaten");
    failed = metrics.counter("anchorSetsFailed");
    store = new SampleStore(getRuntimeContext());
    learned = new HashMap<>();
    heads.forEach(head -> learned.put(head.name(), head));
    making = new HashMap<>();
    maker =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "onepass-anchors");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** The head has a set. */
  @Override
  public void processElement1(RawRecord record, Context context, Collector<RawRecord> out)
      throws Exception {
    AnchorSet set = AnchorSet.fromByteArray(record.value());
    LearnerProgress progress = store.progress();
    int version = progress == null ? 0 : progress.version();
    done(context.getCurrentKey(), set.keyDim(), Math.max(version, set.version()));
    out.collect(record);
  }

  private void done(String head, int keyDim, int version) throws Exception {
    Future<MadeSet> superfluous = making.remove(head);
    if (superfluous != null) {
      superfluous.cancel(true);
    }
    store.clearSamples();
    store.putProgress(LearnerProgress.done(keyDim, version));
  }

  @Override
  public void processElement2(Sample sample, Context context, Collector<RawRecord> out)
      throws Exception {
    HeadSpec head = learned.get(sample.head());
    if (head == null || sample.vector().length != head.keyDim()) {
      return; // On its way when the job was restored with other options.
    }
    LearnerProgress progress = progress(head, context.timerService());
    if (progress.stage() == Stage.MAKES) {
      if (making.isEmpty()) {
        make(head, progress, context.timerService());
      }
    } else if (progress.stage() == Stage.COLLECTS) {
      collect(head, progress, sample, context.timerService());
    }
  }

  /** The head's progress; a new beginning if it has none for keys of this length. */
  private LearnerProgress progress(HeadSpec head, TimerService timers) throws Exception {
    LearnerProgress progress = store.progress();
    if (progress != null && progress.keyDim() == head.keyDim()) {
      return progress;
    }
    store.clearSamples();
    long fewWillDoAt = timers.currentProcessingTime() + learnAfter.toMillis();
    timers.registerProcessingTimeTimer(fewWillDoAt);
    return LearnerProgress.begin(
        head.keyDim(), progress == null ? 0 : progress.version(), fewWillDoAt);
  }

  private void collect(HeadSpec head, LearnerProgress before, Sample sample, TimerService timers)
      throws Exception {
    int places = sizes(head).places(sample.query());
    int share = SampleSizes.ofASequence(places);
    int place = place(head, before, sample, places, share);
    if (place != Reservoir.NONE) {
      int change = store.put(sample, place, share);
      if (change != 0) {
        store.putTally(store.tally().withSurplus(sample.query(), change));
      }
    }
    LearnerProgress progress = before.seen(sample.query());
    store.putProgress(progress);
    makeIfEnough(head, progress, timers);
  }

  private SampleSizes sizes(HeadSpec head) {
    return SampleSizes.of(anchors, head.keyDim());
  }

  /**
   * A free place, or that of a sequence that holds more than its share and more than this one, or
   * what the reservoir says; of the places of others none, once the sequence holds its share.
   */
  private int place(HeadSpec head, LearnerProgress progress, Sample sample, int places, int share)
      throws Exception {
    boolean query = sample.query();
    long number = query ? progress.queries() : progress.keys();
    long seed = head.seed() + (query ? 1 : 2);
    int place = Reservoir.place(seed, number, places);
    if (number < places) {
      return place;
    }
    int held = store.held(query, sample.sequence());
    for (int look = 0; look < LOOKS && !store.tally().isSpread(); look++) {
      int other = Reservoir.any(seed, number, look, places);
      int others = store.held(query, store.sequence(query, other));
      if (others > Math.max(share, held + 1)) {
        return other;
      }
    }
    boolean mayTake =
        place == Reservoir.NONE
            || held < share
            || store.sequence(query, place) == sample.sequence();
    return mayTake ? place : Reservoir.NONE;
  }

  private void makeIfEnough(HeadSpec head, LearnerProgress progress, TimerService timers)
      throws Exception {
    long now = timers.currentProcessingTime();
    SampleSizes sizes = sizes(head);
    boolean all = progress.queries() >= sizes.queries() && progress.keys() >= sizes.keys();
    boolean few = progress.queries() >= sizes.fewest() && progress.keys() >= sizes.fewest();
    boolean enough = few && now >= progress.fewWillDoAt() || all && ofEnoughSequences(now, timers);
    if (now >= progress.notBefore() && enough) {
      LearnerProgress next = progress.making();
      store.putProgress(next);
      make(head, next, timers);
    }
  }

  /** Whether the samples are spread over sequences, or have waited for that long enough. */
  private boolean ofEnoughSequences(long now, TimerService timers) throws Exception {
    LearnerTally tally = store.tally();
    if (tally.isSpread()) {
      return true;
    }
    long wait = Math.min(FEW_SEQUENCES_WAIT.toMillis(), learnAfter.toMillis());
    if (tally.fullSince() == 0) {
      store.putTally(tally.fullSince(now));
      timers.registerProcessingTimeTimer(now + wait);
      return wait == 0;
    }
    return now >= tally.fullSince() + wait;
  }

  /** Has the set made, unless that is under way; later, if another head's is. */
  private void make(HeadSpec head, LearnerProgress progress, TimerService timers) throws Exception {
    if (making.containsKey(head.name())) {
      return;
    }
    if (making.isEmpty()) {
      MadeSet.Order order =
          new MadeSet.Order(
              head,
              progress.version(),
              store.past(true, head.keyDim()),
              store.past(false, head.keyDim()),
              anchors);
      making.put(head.name(), maker.submit(() -> order.make(topic)));
    }
    timers.registerProcessingTimeTimer(timers.currentProcessingTime() + POLL.toMillis());
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<RawRecord> out)
      throws Exception {
    HeadSpec head = learned.get(context.getCurrentKey());
    LearnerProgress progress = store.progress();
    if (head == null || progress == null || progress.keyDim() != head.keyDim()) {
      return;
    }
    if (progress.stage() == Stage.COLLECTS) {
      makeIfEnough(head, progress, context.timerService());
    } else if (progress.stage() == Stage.MAKES) {
      Future<MadeSet> set = making.get(head.name());
      if (set == null) {
        make(head, progress, context.timerService()); // After a restart, or after another head's.
      } else if (set.isDone()) {
        finish(head, progress, set, context, out);
      } else {
        context
            .timerService()
            .registerProcessingTimeTimer(
                context.timerService().currentProcessingTime() + POLL.toMillis());
      }
    } else if (progress.stage() == Stage.PUBLISHED && timestamp >= progress.notBefore()) {
      publishAgain(head, progress, context.timerService());
    }
  }

  /** As where brokers aborted the transaction that held it: they never said so. */
  private void publishAgain(HeadSpec head, LearnerProgress progress, TimerService timers)
      throws Exception {
    failed.inc();
    LOG.warn(
        "head {}: version {} of its anchor set was published {} min ago and is not on topic {}; making it again",
        head.name(),
        progress.version(),
        COMES_BACK.toMinutes(),
        topic.name());
    LearnerProgress next = progress.making();
    store.putProgress(next);
    make(head, next, timers);
  }

  private void finish(
      HeadSpec head,
      LearnerProgress progress,
      Future<MadeSet> future,
      OnTimerContext context,
      Collector<RawRecord> out)
      throws Exception {
    MadeSet made;
    try {
      made = future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SetThereException there) {
        // The sequences' tasks read it when they started, or are told of it here.
        LOG.info("head {}: no anchor set is learned: {}", head.name(), there.getMessage());
        done(head.name(), head.keyDim(), Math.max(progress.version(), there.version()));
        return;
      }
      making.remove(head.name());
      LearnerTally tally = store.tally();
      Duration wait = retryAfter(tally.failures());
      long retry = context.timerService().currentProcessingTime() + wait.toMillis();
      tell(head, e.getCause(), wait);
      store.putTally(tally.failedAgain());
      store.putProgress(progress.retryAt(retry));
      context.timerService().registerProcessingTimeTimer(retry);
      return;
    }
    if (made.obstacle().isEmpty()) {
      LOG.info("head {}: {}, published on {}", head.name(), made.description(), topic.name());
      context.output(PUBLISH, made.record());
      making.remove(head.name());
      long until = context.timerService().currentProcessingTime() + COMES_BACK.toMillis();
      store.putProgress(progress.published(made.version(), until));
      context.timerService().registerProcessingTimeTimer(until);
    } else {
      done(head.name(), head.keyDim(), made.version());
      LOG.warn(
          "head {}: {}, for this job alone: {}",
          head.name(),
          made.description(),
          made.obstacle().get());
      out.collect(made.record());
    }
  }

  /** Twice as long after each failure. */
  private Duration retryAfter(long failures) {
    Duration first = learnAfter.compareTo(SHORTEST_RETRY) < 0 ? SHORTEST_RETRY : learnAfter;
    Duration longest = first.compareTo(LONGEST_RETRY) > 0 ? first : LONGEST_RETRY;
    Duration wait = first.multipliedBy(1L << Math.min(failures, 16));
    return wait.compareTo(longest) > 0 ? longest : wait;
  }

  private void tell(HeadSpec head, Throwable reason, Duration wait) {
    if (reason instanceof NoSetException none) {
      (none.isBeaten() ? beaten : failed).inc();
      LOG.warn(
          "head {}: no anchor set is published: {}; trying again in {} with what has come by then",
          head.name(),
          none.getMessage(),
          wait);
    } else {
      failed.inc();
      LOG.warn(
          "head {}: no anchor set can be made yet, trying again in {} with what has come by then",
          head.name(),
          wait,
          reason);
    }
  }

  @Override
  public void close() {
    if (maker != null) {
      maker.shutdownNow();
    }
  }
}
