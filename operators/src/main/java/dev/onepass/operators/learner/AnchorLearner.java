package dev.onepass.operators.learner;

import dev.onepass.operators.AnchorOptions;
import dev.onepass.operators.AnchorsTopic;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Sample;
import dev.onepass.operators.state.LearnerProgress;
import dev.onepass.operators.state.LearnerProgress.Stage;
import dev.onepass.operators.state.SampleStore;
import dev.onepass.sketch.anchors.AnchorSet;
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
 * stay in state until then, and none are added: after a restart the same set is made again.
 */
final class AnchorLearner extends KeyedCoProcessFunction<String, RawRecord, Sample, RawRecord> {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(AnchorLearner.class);

  /** Sets on their way to the topic. */
  static final OutputTag<RawRecord> PUBLISH =
      new OutputTag<>("publish-anchors", FlowTypes.RAW_RECORD);

  /** How often the timer looks whether a set is made. */
  static final Duration POLL = Duration.ofMillis(500);

  private final List<HeadSpec> heads;
  private final int anchors;
  private final Duration learnAfter;
  private final AnchorsTopic topic;

  private transient SampleSizes sizes;
  private transient Map<String, HeadSpec> learned;
  private transient SampleStore store;
  private transient Map<String, Future<MadeSet>> making;
  private transient ExecutorService maker;

  AnchorLearner(List<HeadSpec> heads, AnchorOptions options, AnchorsTopic topic) {
    this.heads = heads.stream().filter(head -> options.learns(head.name())).toList();
    this.topic = topic;
    anchors = options.count();
    learnAfter = options.learnAfter();
  }

  @Override
  public void open(OpenContext context) {
    sizes = SampleSizes.of(anchors);
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
      make(head, progress, context.timerService());
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
    boolean query = sample.query();
    int place =
        query
            ? Reservoir.place(head.seed() + 1, before.queries(), sizes.queries())
            : Reservoir.place(head.seed() + 2, before.keys(), sizes.keys());
    if (place != Reservoir.NONE) {
      store.put(query, place, sample.vector());
    }
    LearnerProgress progress = before.seen(query);
    store.putProgress(progress);
    makeIfEnough(head, progress, timers);
  }

  private void makeIfEnough(HeadSpec head, LearnerProgress progress, TimerService timers)
      throws Exception {
    long now = timers.currentProcessingTime();
    boolean all = progress.queries() >= sizes.queries() && progress.keys() >= sizes.keys();
    boolean few = progress.queries() >= sizes.fewest() && progress.keys() >= sizes.fewest();
    if (now >= progress.notBefore() && (all || few && now >= progress.fewWillDoAt())) {
      LearnerProgress next = progress.making();
      store.putProgress(next);
      make(head, next, timers);
    }
  }

  /** Has the set made, unless that is under way. */
  private void make(HeadSpec head, LearnerProgress progress, TimerService timers) throws Exception {
    if (making.containsKey(head.name())) {
      return;
    }
    float[] queries = store.queries(head.keyDim());
    float[] keys = store.keys(head.keyDim());
    MadeSet.Order order = new MadeSet.Order(head, progress.version() + 1, queries, keys, anchors);
    making.put(head.name(), maker.submit(() -> order.make(topic)));
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
        make(head, progress, context.timerService()); // The job was restarted.
      } else if (set.isDone()) {
        finish(head, progress, set, context, out);
      } else {
        context
            .timerService()
            .registerProcessingTimeTimer(
                context.timerService().currentProcessingTime() + POLL.toMillis());
      }
    }
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
      making.remove(head.name());
      long retry = context.timerService().currentProcessingTime() + learnAfter.toMillis();
      LOG.warn(
          "head {}: no anchor set can be made yet, trying again in {} with what has come by then",
          head.name(),
          learnAfter,
          e.getCause());
      store.putProgress(progress.retryAt(retry));
      context.timerService().registerProcessingTimeTimer(retry);
      return;
    }
    done(head.name(), head.keyDim(), progress.version() + 1);
    if (made.obstacle().isEmpty()) {
      LOG.info("head {}: {}, published on {}", head.name(), made.description(), topic.name());
      context.output(PUBLISH, made.record());
    } else {
      LOG.warn(
          "head {}: {}, for this job alone: {}",
          head.name(),
          made.description(),
          made.obstacle().get());
      out.collect(made.record());
    }
  }

  @Override
  public void close() {
    if (maker != null) {
      maker.shutdownNow();
    }
  }
}
