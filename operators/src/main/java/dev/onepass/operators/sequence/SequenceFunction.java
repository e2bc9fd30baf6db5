// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import dev.onepass.operators.accuracy.ShadowStore;
import dev.onepass.operators.accuracy.Shadows;
import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.census.Footprint;
import dev.onepass.operators.census.HeadCounts;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.Hole;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.operators.holes.Holes;
import dev.onepass.operators.metrics.SequenceMetrics;
import dev.onepass.operators.sequence.store.CachedSequenceStore;
import dev.onepass.operators.sequence.store.ManagedSequenceStore;
import dev.onepass.operators.sequence.waiting.WaitingEvents;
import dev.onepass.operators.sharding.Shards;
import dev.onepass.sketch.anchors.FactorCache;
import dev.onepass.sketch.sequence.HeadSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.function.SerializableSupplier;

/** The entry points of {@link SequencesOperator}: opens its state and gives each event a turn. */
final class SequenceFunction
    extends KeyedBroadcastProcessFunction<SequenceKey, Event, RawRecord, Reply>
    implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;

  /** How often timers of a head that is not declared check whether it is declared again. */
  private static final long UNDECLARED_MILLIS = 600_000;

  private final SequencesOperator.KeyedState keyedState;
  private final SequenceOptions options;
  private final AnchorsTopic anchorsTopic;
  private final SerializableSupplier<ExecutorService> preparationWorker;

  private transient Holes holes;
  private transient HeadCounts counts;
  private transient AnchorIntake anchors;
  private transient boolean restored;
  private transient Preparations preparations;
  private transient Subtask subtask;
  private transient SequenceEvents events;

  /**
   * Creates the function of an operator.
   *
   * @param keyedState the operator's access to the state of all keys
   * @param preparationWorker creates the executor of work in the background
   */
  SequenceFunction(
      SequencesOperator.KeyedState keyedState,
      SequenceOptions options,
      AnchorsTopic anchorsTopic,
      SerializableSupplier<ExecutorService> preparationWorker) {
    this.keyedState = keyedState;
    this.options = options;
    this.anchorsTopic = anchorsTopic;
    this.preparationWorker = preparationWorker;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    restored = context.isRestored();
    holes = new Holes(context.getOperatorStateStore().getBroadcastState(Holes.state()));
    counts = new HeadCounts(context, getRuntimeContext());
    anchors =
        new AnchorIntake(
            context.getOperatorStateStore().getBroadcastState(SequencesOperator.anchorSetsState()),
            options,
            counts.adopted(),
            isFirstSubtask());
    anchors.start(anchorsTopic);
  }

  private boolean isFirstSubtask() {
    return getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    CachedSequenceStore store =
        new CachedSequenceStore(
            new ManagedSequenceStore(getRuntimeContext()), keyedState, options.cacheBytes());
    WaitingEvents waiting =
        new WaitingEvents(
            getRuntimeContext(),
            keyedState,
            options.waiting().sequenceBytes(),
            options.waiting().taskBytes());
    preparations = new Preparations(preparationWorker.get());
    SequenceMetrics metrics =
        new SequenceMetrics(
            getRuntimeContext().getMetricGroup(),
            options.heads().stream().map(HeadSpec::name).toList(),
            counts.census(),
            anchors.sizes(),
            waiting::bytes);
    Map<String, DeclaredHead> heads = new HashMap<>();
    for (HeadSpec head : options.heads()) {
      heads.put(head.name(), new DeclaredHead(head, anchors.of(head), metrics.head(head.name())));
    }
    subtask =
        new Subtask(
            options,
            heads,
            store,
            waiting,
            preparations,
            holes,
            new Shadows(options.shadows(), new ShadowStore(getRuntimeContext())),
            metrics);
    events = new SequenceEvents(subtask);
    FactorCache.ofProcess().limit(options.anchors().factorBytes());
    anchors.prepareNewest(preparations);
    takeUpSequences();
  }

  /** Takes up what waits in a restored state, and counts its sequences if no checkpoint did. */
  private void takeUpSequences() throws Exception {
    if (restored) {
      subtask.waiting().takeUp(keyedState.backend());
    }
    if (!counts.isComplete()) {
      ManagedSequenceStore.forEachHeader(
          keyedState.backend(), (key, header) -> count(key, Footprint.of(header, 0)));
      subtask.waiting().forEachSequence((key, queries) -> count(key, Footprint.ofWaiting(queries)));
    }
  }

  private void count(SequenceKey key, Footprint footprint) {
    counts.census().of(key.head()).change(Footprint.NONE, footprint);
  }

  /** Writes the state of sequences; broadcast state is written as it changes. */
  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    subtask.store().writeFor(context.getCheckpointTimestamp());
    counts.snapshot();
    preparations.release();
    anchors.prepareNewest(preparations);
  }

  /** Writes what the cache holds to the state backend. */
  void writeBack() {
    subtask.store().writeBack();
  }

  @Override
  public void close() {
    if (preparations != null) {
      preparations.close();
    }
  }

  @Override
  public void processElement(Event event, ReadOnlyContext context, Collector<Reply> out) {
    if (!isDeclared(event.key())) {
      // The decoder stops these, but not those in flight in an unaligned checkpoint when the job
      // is restored without the head.
      subtask.refuse(event, 0, "head: " + event.key().head() + " is not declared", context);
      return;
    }
    if (event instanceof Event.Query query && Shards.number(event.key()) == 0) {
      subtask.metrics().countQuery(query.count());
    }
    Turn turn = new Turn(subtask, event.key(), context, out);
    events.takeInOrder(turn, event);
    turn.end();
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Reply> out) {
    SequenceKey key = context.getCurrentKey();
    if (!isDeclared(key)) {
      // Its sequences and their timers are kept until the head is declared again.
      TimerService timers = context.timerService();
      timers.registerProcessingTimeTimer(timers.currentProcessingTime() + UNDECLARED_MILLIS);
      return;
    }
    Turn turn = new Turn(subtask, key, context, out);
    events.takeTimer(turn, timestamp);
    turn.end();
  }

  private boolean isDeclared(SequenceKey key) {
    return subtask.heads().containsKey(key.head());
  }

  @Override
  public void processBroadcastElement(RawRecord record, Context context, Collector<Reply> out)
      throws Exception {
    if (Hole.is(record)) {
      holes.take(Hole.of(record));
      return;
    }
    Optional<String> refusal = anchors.take(record);
    anchors.prepareNewest(preparations);
    if (refusal.isPresent() && isFirstSubtask()) {
      // Every subtask refuses it; the first one reports it.
      subtask.metrics().countAnchorSetRefused();
      context.output(SideOutputs.DEAD_LETTERS, new DeadLetter(record, refusal.get()));
    }
  }
}
