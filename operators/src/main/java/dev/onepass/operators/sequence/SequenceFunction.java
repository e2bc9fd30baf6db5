package dev.onepass.operators.sequence;

import dev.onepass.operators.accuracy.ShadowStore;
import dev.onepass.operators.accuracy.Shadows;
import dev.onepass.operators.anchors.AnchorRecords;
import dev.onepass.operators.anchors.AnchorSetSerializer;
import dev.onepass.operators.anchors.AnchorsTopic;
import dev.onepass.operators.anchors.HeldAnchorSets;
import dev.onepass.operators.anchors.ParsedAnchorSet;
import dev.onepass.operators.anchors.RefusedSetException;
import dev.onepass.operators.anchors.SetPreparation;
import dev.onepass.operators.anchors.StoredAnchorSet;
import dev.onepass.operators.census.Footprint;
import dev.onepass.operators.census.HeadCounts;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.Hole;
import dev.onepass.operators.event.Part;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.SideOutputs;
import dev.onepass.operators.event.Waited;
import dev.onepass.operators.holes.Holes;
import dev.onepass.operators.holes.MovedSequences;
import dev.onepass.operators.metrics.HeadMetrics;
import dev.onepass.operators.metrics.HeldSets;
import dev.onepass.operators.metrics.SequenceMetrics;
import dev.onepass.operators.sequence.store.CachedSequenceStore;
import dev.onepass.operators.sequence.store.ManagedSequenceStore;
import dev.onepass.operators.sequence.waiting.WaitingEntry.Reason;
import dev.onepass.operators.sequence.waiting.WaitingEvents;
import dev.onepass.operators.sequence.waiting.WaitingOrder;
import dev.onepass.operators.sharding.RouteFunction;
import dev.onepass.operators.sharding.Shards;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.anchors.FactorCache;
import dev.onepass.sketch.api.Recovery;
import dev.onepass.sketch.api.RecoveryRefusedException;
import dev.onepass.sketch.background.Preparation;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.sequence.Acceptance;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.Sequence;
import dev.onepass.sketch.sequence.SequenceCounts;
import dev.onepass.sketch.sequence.SequencePart;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.streaming.api.operators.KeyContext;
import org.apache.flink.util.Collector;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.flink.util.function.SerializableSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folds the tokens of each sequence and answers its queries, in the order in which they arrive.
 *
 * <p>A query sees every token that was accepted before it. One with an {@code as_of} that is not
 * reached yet waits in state and is answered inside the token that reaches it, or by its timeout,
 * or when its sequence is forgotten or expires; the last three are marked {@code timed_out}.
 *
 * <p>The broadcast input brings records of the anchors topic, each a version of what all sequences
 * of a head share. A sequence adopts the current one when it leaves exact mode and keeps to it. It
 * also brings the holes of the tokens topic: answers say whether they may lack tokens by them.
 *
 * <p>A query that is put to all shards of a sequence is answered with this shard's part, through
 * {@link SideOutputs#PARTS}; a query that waits does so in each shard, for the shard's share of the
 * tokens.
 *
 * <p>Records that are refused leave through {@link SideOutputs#DEAD_LETTERS}.
 */
public final class SequenceFunction
    extends KeyedBroadcastProcessFunction<SequenceKey, Event, RawRecord, Reply>
    implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(SequenceFunction.class);

  /** Name and format of the broadcast state: anchor sets by head and version. */
  public static MapStateDescriptor<String, StoredAnchorSet> anchorSetsState() {
    return new MapStateDescriptor<>(
        "anchor-sets", StringSerializer.INSTANCE, AnchorSetSerializer.INSTANCE);
  }

  /** Expiry timers stand on multiples of this, so that one serves many tokens. */
  private static final long EXPIRY_GRAIN_MILLIS = 1_000;

  /** How often the timers of a head that is not declared look whether it is again. */
  private static final long UNDECLARED_MILLIS = 600_000;

  /** How soon an event that waits for its turn is looked after, at the first and at the latest. */
  private static final long FIRST_POLL_MILLIS = 10;

  private static final long LAST_POLL_MILLIS = 500;

  private final SequenceOptions options;
  private final AnchorsTopic anchorsTopic;
  private final SerializableSupplier<ExecutorService> preparationWorker;

  private transient KeyContext keys;
  private transient CachedSequenceStore store;
  private transient Map<String, Sequence> sequences;
  private transient Map<String, HeadSpec> heads;
  private transient Map<String, AnchorSets> anchors;
  private transient HeldAnchorSets held;
  private transient Holes holes;
  private transient MovedSequences moved;
  private transient AnchorRecords anchorRecords;
  private transient HeadCounts counts;
  private transient Preparations preparations;
  private transient WaitingEvents waiting;
  private transient boolean restored;
  private transient Shadows shadows;
  private transient SequenceMetrics metrics;

  /** Sequences of the declared heads. */
  public SequenceFunction(SequenceOptions options, AnchorsTopic anchorsTopic) {
    this(options, anchorsTopic, Preparations::oneThread);
  }

  /** Sequences whose preparations are worked out by such an executor. */
  SequenceFunction(
      SequenceOptions options,
      AnchorsTopic anchorsTopic,
      SerializableSupplier<ExecutorService> preparationWorker) {
    this.options = options;
    this.anchorsTopic = anchorsTopic;
    this.preparationWorker = preparationWorker;
  }

  /**
   * Takes up the anchor sets of the checkpoint, those that are given and those of the topic. The
   * broadcast input brings the topic's too, but sequences that are over their bytes do not wait for
   * that, and it does not bring those that it has passed already, of a head that was not declared
   * then.
   *
   * @throws IOException if the topic cannot be read to its end and a head's sequences need its
   *     sets, with a sentence that says why and what to check
   */
  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    holes = new Holes(context.getOperatorStateStore().getBroadcastState(Holes.state()));
    restored = context.isRestored();
    counts = new HeadCounts(context, getRuntimeContext());
    anchorRecords = new AnchorRecords(options.heads(), options.anchors().factorBytes());
    held =
        new HeldAnchorSets(
            context.getOperatorStateStore().getBroadcastState(anchorSetsState()),
            options.anchors(),
            counts.adopted());
    for (StoredAnchorSet given : options.anchors().given()) {
      held.takeGiven(given.head(), ParsedAnchorSet.of(given.bytes()))
          .ifPresent(refusal -> LOG.warn("anchor set of anchors.file: {}", refusal));
    }
    readTopic();
    held.started();
  }

  private void readTopic() throws IOException {
    try {
      anchorsTopic.read(this::takeIfValid);
    } catch (IOException e) {
      if (options.heads().stream().anyMatch(head -> head.family().usesAnchors())) {
        throw new IOException(
            "%s; sequences without their anchor sets would stay without for good, so the job does not start: check that the brokers answer, and that the job may describe and read the topic"
                .formatted(e.getMessage()),
            e);
      }
      LOG.warn("{}; no head's sketch needs its anchor sets", e.getMessage());
    }
  }

  /** What is wrong with a set becomes a dead letter if the broadcast input brings it. */
  private void takeIfValid(RawRecord record) {
    if (!anchorRecords.isOfDeclaredHead(record)) {
      return;
    }
    try {
      ParsedAnchorSet set = anchorRecords.read(record);
      held.takeAtStart(AnchorRecords.head(record), set)
          .ifPresent(refusal -> passOver(record, "record value: " + refusal));
    } catch (RefusedSetException e) {
      passOver(record, e.getMessage());
    } catch (Exception e) {
      throw new FlinkRuntimeException("cannot write the state of anchor sets", e);
    }
  }

  private void passOver(RawRecord record, String refusal) {
    if (isFirstSubtask()) {
      LOG.warn(
          "topic {}, partition {}, offset {}, head {} is passed over: {}",
          record.topic(),
          record.partition(),
          record.offset(),
          AnchorRecords.head(record),
          refusal);
    }
  }

  private boolean isFirstSubtask() {
    return getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0;
  }

  /** Broadcast state is written as it changes; that of sequences is complete from now on. */
  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    store.writeFor(context.getCheckpointTimestamp());
    counts.snapshot();
    preparations.release();
    prepareNewestSets();
  }

  /** Prepares them in the background, again where that has failed. */
  private void prepareNewestSets() {
    for (HeadSpec head : options.heads()) {
      held.newest(head)
          .filter(set -> !SetPreparation.isPrepared(head, set))
          .ifPresent(set -> prepare(new SetPreparation(head, set)));
    }
  }

  private void prepare(Preparation preparation) {
    try {
      preparations.request(preparation);
    } catch (PreparationException alreadyLogged) {
      // The set does not become current until a later checkpoint finds it prepared.
    }
  }

  /** Takes up the events that wait in a restored state; called by the operator when it opens. */
  void takeUpWaiting(KeyedStateBackend<SequenceKey> backend) throws Exception {
    if (restored) {
      waiting.takeUp(backend);
    }
  }

  void writeBack() {
    store.writeBack();
  }

  /** Told by the operator before it opens: by which the state of any key can be written. */
  void keys(KeyContext operator) {
    keys = operator;
  }

  /** Whether it need not be told of its sequences, by {@link #countSequence}. */
  boolean knowsItsSequences() {
    return counts.isComplete();
  }

  void countSequence(SequenceKey key, Header header) {
    counts.census().of(key.head()).change(Footprint.NONE, Footprint.of(header));
  }

  @Override
  public void open(OpenContext context) {
    store =
        new CachedSequenceStore(
            new ManagedSequenceStore(getRuntimeContext()), keys, options.cacheBytes());
    waiting =
        new WaitingEvents(
            getRuntimeContext(),
            keys,
            options.waiting().sequenceBytes(),
            options.waiting().taskBytes());
    preparations = new Preparations(preparationWorker.get());
    moved = new MovedSequences();
    sequences = new HashMap<>();
    heads = new HashMap<>();
    anchors = new HashMap<>();
    shadows = new Shadows(options.shadows(), new ShadowStore(getRuntimeContext()));
    metrics =
        new SequenceMetrics(
            getRuntimeContext().getMetricGroup(),
            options.heads().stream().map(HeadSpec::name).toList(),
            counts.census(),
            new HeldSets(held::count, held::olderThanKept, held::bytes),
            waiting::bytes);
    for (HeadSpec head : options.heads()) {
      AnchorSets ofHead = held.of(head);
      anchors.put(head.name(), ofHead);
      HeadMetrics ofFolds = metrics.head(head.name());
      sequences.put(head.name(), new Sequence(head, store, ofHead, ofFolds::countFold));
      heads.put(head.name(), head);
    }
    FactorCache.ofProcess().limit(options.anchors().factorBytes());
    prepareNewestSets();
  }

  @Override
  public void close() {
    if (preparations != null) {
      preparations.close();
    }
  }

  @Override
  public void processElement(Event event, ReadOnlyContext context, Collector<Reply> out) {
    if (!sequences.containsKey(event.key().head())) {
      // The decoder stops these, but not what an unaligned checkpoint held in flight when the job
      // is restored without the head.
      refuse(event, 0, "head: " + event.key().head() + " is not declared", context);
      return;
    }
    if (event instanceof Event.Query query && Shards.number(event.key()) == 0) {
      metrics.countQuery(query.count());
    }
    new Turn(event.key(), context, out).takeInOrder(event);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Reply> out) {
    if (!sequences.containsKey(context.getCurrentKey().head())) {
      // Its sequences are kept for the day when the head is declared again; so are their timers.
      TimerService timers = context.timerService();
      timers.registerProcessingTimeTimer(timers.currentProcessingTime() + UNDECLARED_MILLIS);
      return;
    }
    Turn turn = new Turn(context.getCurrentKey(), context, out);
    turn.takeWaiting();
    turn.giveUpWaiting(timestamp);
    turn.expire(timestamp);
  }

  @Override
  public void processBroadcastElement(RawRecord record, Context context, Collector<Reply> out)
      throws Exception {
    if (Hole.is(record)) {
      holes.take(Hole.of(record));
    } else {
      takeSet(record, context);
    }
  }

  /** Every subtask takes the set or refuses it; the first one says so. */
  private void takeSet(RawRecord record, Context context) throws Exception {
    String refusal = null;
    try {
      ParsedAnchorSet set = anchorRecords.read(record);
      String head = AnchorRecords.head(record);
      refusal = held.take(head, set).map(reason -> "record value: " + reason).orElse(null);
      prepareNewestSets();
    } catch (RefusedSetException e) {
      // Checked before, but not what was on its way when the job was restored with other heads.
      refusal = e.getMessage();
    }
    if (refusal != null && isFirstSubtask()) {
      metrics.countAnchorSetRefused();
      context.output(SideOutputs.DEAD_LETTERS, new DeadLetter(record, refusal));
    }
  }

  /**
   * What one event or timer does to its sequence: the header is read once and written at most once.
   */
  private final class Turn {
    private final SequenceKey key;
    private final Sequence sequence;
    private final ReadOnlyContext context;
    private final TimerService timers;
    private final Collector<Reply> out;
    private final HeadMetrics headMetrics;
    private Header header;
    private Footprint counted;

    /** Whether the event is taken when its turn has come, with all that it needs worked out. */
    private boolean isPrepared;

    Turn(SequenceKey key, ReadOnlyContext context, Collector<Reply> out) {
      this.key = key;
      this.context = context;
      this.timers = context.timerService();
      this.out = out;
      sequence = sequences.get(key.head());
      headMetrics = metrics.head(key.head());
      header = sequence.header();
      counted = Footprint.of(header);
    }

    private void writeHeader() {
      store.putHeader(header);
      Footprint now = Footprint.of(header);
      headMetrics.countChange(counted, now);
      counted = now;
    }

    /** Takes an event, or lets it wait behind those that wait for their turn. */
    void takeInOrder(Event event) {
      if (!isBlocked(event)) {
        take(event);
        if (event instanceof Event.Forget) {
          answerTurns();
        }
      } else if (waiting.hasRoom(event)) {
        waiting.addTurn(event, Reason.toTake(event));
      } else {
        // There is no room to let it wait in: the task waits instead, which holds its inputs back.
        takeWaiting(true);
        take(event);
      }
    }

    /**
     * Whether an event has to wait for others. Behind a token that waits everything does; behind
     * queries only where the order is that of timestamps, otherwise they are answered over the
     * tokens that have come by then.
     */
    private boolean isBlocked(Event event) {
      if (waiting.isEmpty() || event instanceof Event.Alive) {
        return false;
      }
      WaitingOrder order = waiting.order();
      return order.hasTurns() && (options.eventTime() != null || order.hasEvents());
    }

    private void take(Event event) {
      if (event instanceof Event.Token token) {
        accept(token);
      } else if (event instanceof Event.Query query) {
        ask(query);
      } else if (event instanceof Event.RecoverQuery query) {
        recover(query);
      } else if (event instanceof Event.StatsQuery query) {
        report(query);
      } else if (event instanceof Event.Alive) {
        stayAlive();
      } else {
        forget(event.origin());
      }
    }

    /** Takes the events whose turn has come, as far as what they need is worked out. */
    void takeWaiting() {
      WaitingOrder order = waiting.order();
      if (!order.hasTurns()) {
        return;
      }
      if (order.lacking() != null && preparations.isUnderWay(order.lacking())) {
        // Many sequences may wait for the same work: their sketches are not read to see that.
        pollLater(order.lacking());
      } else {
        takeWaiting(false);
      }
    }

    private void takeWaiting(boolean patiently) {
      while (waiting.order().hasTurns()) {
        long number = waiting.order().nextTurn();
        Reason reason = waiting.order().reason(number);
        Event event = waiting.event(number);
        try {
          Preparation lacking = lacking(event);
          if (lacking != null && patiently) {
            preparations.await(lacking);
          } else if (lacking != null) {
            preparations.request(lacking);
            pollLater(lacking);
            return;
          }
          waiting.remove(number);
          takeTurn(event, reason);
        } catch (PreparationException e) {
          waiting.remove(number);
          refuseUnprepared(event, e);
        }
      }
    }

    private void takeTurn(Event event, Reason reason) {
      if (reason.waited() != null) {
        answer((Event.Query) event, reason.waited());
        releaseIfClosed();
        writeHeader();
      } else {
        isPrepared = true;
        take(event);
        isPrepared = false;
      }
    }

    /** Answers the queries that wait for their turn when what they asked about is dropped. */
    private void answerTurns() {
      while (waiting.order().hasTurns()) {
        long number = waiting.order().nextTurn();
        Event.Query query = (Event.Query) waiting.event(number);
        waiting.remove(number);
        answer(query, Waited.IN_VAIN);
      }
    }

    /** What has to be worked out before an event can be taken; null if nothing is lacking. */
    private Preparation lacking(Event event) {
      if (lacksAnchors()) {
        return null; // It will be refused.
      }
      if (event instanceof Event.Token) {
        return sequence.foldPreparation(header).orElse(null);
      }
      return event instanceof Event.Query ? sequence.preparation(header).orElse(null) : null;
    }

    /**
     * Lets an event wait for what it lacks.
     *
     * @param reason how it waits
     * @return false if it can be taken at once
     */
    private boolean waitsForPreparation(Event event, Reason reason) {
      if (isPrepared) {
        return false;
      }
      try {
        Preparation lacking = lacking(event);
        if (lacking == null) {
          return false;
        }
        if (!waiting.hasRoom(event)) {
          preparations.await(lacking);
          return false;
        }
        preparations.request(lacking);
        waiting.addTurn(event, reason);
        pollLater(lacking);
      } catch (PreparationException e) {
        refuseUnprepared(event, e);
      }
      return true;
    }

    /** The same for a query that has waited for tokens. */
    private boolean waitsForPreparation(Event.Query query, long number, Waited waited) {
      try {
        Preparation lacking = lacking(query);
        if (lacking == null) {
          return false;
        }
        preparations.request(lacking);
        waiting.turn(number, waited);
        pollLater(lacking);
      } catch (PreparationException e) {
        waiting.remove(number);
        refuseUnprepared(query, e);
      }
      return true;
    }

    private void pollLater(Preparation lacking) {
      long now = timers.currentProcessingTime();
      WaitingOrder order = waiting.order();
      order.lacking(lacking);
      timers.registerProcessingTimeTimer(order.pollAfter(now, FIRST_POLL_MILLIS, LAST_POLL_MILLIS));
    }

    /** A query is refused; a token must not be lost, so the task fails and is restarted. */
    private void refuseUnprepared(Event event, PreparationException e) {
      if (event instanceof Event.Token || e.getCause() instanceof InterruptedException) {
        throw new FlinkRuntimeException(
            "head %s: the anchor set cannot be prepared: %s".formatted(key.head(), e.getMessage()),
            e);
      }
      refuse(
          event,
          "anchors: what answers need cannot be worked out (%s); give task managers more memory or the head a smaller state size, then ask again"
              .formatted(e.getMessage()));
    }

    void accept(Event.Token token) {
      if (refusedWithoutAnchors(token) || waitsForPreparation(token, Reason.EVENT)) {
        return;
      }
      long next = header.lastPosition() + 1;
      boolean elsewhere = Holes.isElsewhere(header, token.origin());
      int partition = header.origin().partition();
      Acceptance acceptance =
          token.retract()
              ? sequence.retract(header, token.vectorKey(), token.value())
              : sequence.accept(header, token.position(), token.vectorKey(), token.value());
      if (acceptance.isRefused()) {
        refuse(token, acceptance.reason());
        return;
      }
      metrics.countToken(acceptance, token.retract());
      if (elsewhere) {
        sayMoved(token, partition);
      }
      if (acceptance == Acceptance.ACCEPTED) {
        if (!token.retract()) {
          boolean begins = header.accepted() == 1 && isLowest(token.position());
          holes.follow(header, token.origin(), begins);
        }
        boolean sharded = options.sharding().of(key.sequence()) > 1;
        keepAlive(sharded);
        if (!sharded) {
          float weight = token.retract() ? -1 : 1;
          shadows.follow(
              key.sequence(), header, token.vectorKey(), token.value(), weight, headMetrics);
        }
        if (header.waiting() > 0 && leftOut(next, token.position())) {
          countWaiting();
        }
        if (header.accepted() >= header.nextAsOf()) {
          answerWaiting(waiting.order().reached(header.accepted(), this::dueHere), Waited.ENOUGH);
          releaseIfClosed();
        }
      }
      writeHeader();
    }

    private void sayMoved(Event.Token token, int before) {
      metrics.countMoved();
      moved
          .line(key, before, token.origin().partition(), timers.currentProcessingTime())
          .ifPresent(LOG::warn);
    }

    /** Whether no token of this key can come before one of this position. */
    private boolean isLowest(long position) {
      int cut = heads.get(key.head()).layout().cutSize();
      return position <= (long) Shards.number(key) * cut;
    }

    void ask(Event.Query query) {
      if (refusedWithoutAnchors(query)) {
        return;
      }
      if (query.vectors().length != query.count() * header.keyDim()) {
        refuse(query, Acceptance.OTHER_DIMENSIONS.reason());
        return;
      }
      if (isReached(query)) {
        answerAtOnce(query, Waited.ENOUGH);
      } else if (header.isClosed()) {
        answerAtOnce(query, Waited.IN_VAIN);
      } else if (!hasRoom(query)) {
        answerAtOnce(query, Waited.NO_ROOM);
      } else if (query.spread() == null) {
        await(query);
      } else if (!waitsForPreparation(query, Reason.QUERY)) {
        // The shards may have enough together; if not, this part's successor is waited for.
        answerPart(query, false, Part.Kind.ANSWER);
        await(query);
      }
    }

    private boolean hasRoom(Event.Query query) {
      return header.waiting() < options.waiting().queries() && waiting.hasRoom(query);
    }

    private boolean isReached(Event.Query query) {
      long due = query.spread() == null ? query.asOf() : dueHere(query.spread().asOf());
      return due <= header.accepted();
    }

    /**
     * What this shard has to accept until the sequence has accepted so many tokens, if positions
     * count them: what it has, and its share of the positions to come.
     */
    private long dueHere(long asOf) {
      int shards = options.sharding().of(key.sequence());
      int cut = heads.get(key.head()).layout().cutSize();
      long next = header.lastPosition() + 1;
      long share = Shards.positions(Shards.number(key), next, Math.max(next, asOf), cut, shards);
      return Math.min(share, Long.MAX_VALUE - header.accepted()) + header.accepted();
    }

    /** Whether positions of this shard from the next one on, which was due, will never come. */
    private boolean leftOut(long next, long position) {
      int shards = options.sharding().of(key.sequence());
      int cut = heads.get(key.head()).layout().cutSize();
      return shards > 1
          && next < position
          && Shards.positions(Shards.number(key), next, position, cut, shards) > 0;
    }

    /** Notes how many queries wait for tokens, and for how many the next one does. */
    private void countWaiting() {
      WaitingOrder order = waiting.order();
      header.waiting(order.queries(), order.nextTokens(this::dueHere));
    }

    private void await(Event.Query query) {
      long deadline = timers.currentProcessingTime() + options.asOfTimeout().toMillis();
      waiting.addQuery(query, deadline);
      timers.registerProcessingTimeTimer(deadline);
      countWaiting();
      writeHeader();
    }

    private void answerAtOnce(Event.Query query, Waited waited) {
      if (waitsForPreparation(query, Reason.toAnswer(waited))) {
        return;
      }
      answer(query, waited);
      releaseIfClosed();
      if (header.queryBytes() > 0) {
        writeHeader();
      }
    }

    /** A closed sequence takes no more tokens, so nothing that waits for some can be reached. */
    private void releaseIfClosed() {
      if (header.isClosed()) {
        answerWaiting(waiting.order().overdue(Long.MAX_VALUE), Waited.IN_VAIN);
      }
    }

    void recover(Event.RecoverQuery query) {
      if (refusedWithoutAnchors(query)) {
        return;
      }
      if (!sequence.canRecover(header)) {
        refuse(query, "recover: only sketch.type onepass recovers columns");
        return;
      }
      try {
        Recovery recovery = sequence.recover(header, query.k());
        out.collect(new Reply.Recovered(key, query.origin(), query.queryId(), recovery));
      } catch (RecoveryRefusedException tooMany) {
        refuse(query, "recover.k: " + tooMany.getMessage());
      }
    }

    void report(Event.StatsQuery query) {
      if (query.spread() != null) {
        emit(query, true, Part.Kind.STATS, marked(sequence.part(header)).toByteArray());
        return;
      }
      SequenceCounts counts = marked(sequence.part(header)).counts();
      out.collect(Reply.Stats.of(key, query.origin(), query.queryId(), counts));
    }

    void forget(RawRecord forget) {
      boolean hadTokens = header.accepted() > 0 || header.origin().isKnown();
      drop();
      if (hadTokens) {
        // Nothing of before a forget can be missing, so what was lost before it does not count.
        holes.forgotten(header, forget);
        if (header.origin().isKnown()) {
          keepAlive(options.sharding().of(key.sequence()) > 1);
        }
      }
      writeHeader();
    }

    private void drop() {
      header = sequence.forget(header);
      shadows.forget();
      long expiry = header.expiryTimer();
      header.expiryTimer(0);
      answerWaiting(waiting.order().overdue(Long.MAX_VALUE), Waited.IN_VAIN);
      dropTimer(expiry);
    }

    void giveUpWaiting(long now) {
      if (header.waiting() > 0) {
        answerWaiting(waiting.order().overdue(now), Waited.IN_VAIN);
        writeHeader();
      }
    }

    /**
     * Drops the sequence if no token came for its time to live; else looks again when that may be
     * so.
     */
    void expire(long now) {
      if (header.expiryTimer() == 0 || header.expiryTimer() > now) {
        return;
      }
      header.expiryTimer(0);
      if (options.timeToLive() == null) {
        writeHeader();
      } else if (waiting.order().hasTurns()) {
        // Its tokens wait: it is not silent.
        header.lastSeen(now);
        registerExpiry();
        writeHeader();
      } else if (header.lastSeen() + options.timeToLive().toMillis() <= now) {
        if (header.accepted() > 0) {
          metrics.countExpired();
        }
        drop();
        writeHeader();
      } else {
        registerExpiry();
        writeHeader();
      }
    }

    /** The sequence lives, in other shards. */
    void stayAlive() {
      if (!header.isBlank()) {
        keepAlive(true);
        writeHeader();
      }
    }

    private void keepAlive(boolean sharded) {
      if (options.timeToLive() == null) {
        return;
      }
      long seen = timers.currentProcessingTime();
      if (sharded) {
        // Others may have tokens that this shard is not told of before that time is over.
        seen += options.timeToLive().toMillis() / RouteFunction.ALIVE_PER_LIFE;
      }
      header.lastSeen(seen);
      long latest = header.lastSeen() + options.timeToLive().toMillis() + EXPIRY_GRAIN_MILLIS;
      if (header.expiryTimer() > latest) {
        // From before the time to live was shortened.
        timers.deleteProcessingTimeTimer(header.expiryTimer());
        registerExpiry();
      } else if (header.expiryTimer() <= header.lastSeen()) {
        registerExpiry();
      }
    }

    private void registerExpiry() {
      long due = header.lastSeen() + options.timeToLive().toMillis();
      long timer = (due / EXPIRY_GRAIN_MILLIS + 1) * EXPIRY_GRAIN_MILLIS;
      header.expiryTimer(timer);
      timers.registerProcessingTimeTimer(timer);
    }

    /** Answers queries that wait for tokens; those that need preparation wait for their turn. */
    private void answerWaiting(List<Long> numbers, Waited waited) {
      Set<Long> idleTimers = new HashSet<>();
      for (long number : numbers) {
        idleTimers.add(waiting.order().deadline(number));
        Event.Query query = (Event.Query) waiting.event(number);
        if (waitsForPreparation(query, number, waited)) {
          continue;
        }
        waiting.remove(number);
        answer(query, waited);
      }
      countWaiting();
      idleTimers.forEach(this::dropTimer);
    }

    /** Drops a timer unless something else is due then: Flink keeps one for each moment. */
    private void dropTimer(long timer) {
      WaitingOrder order = waiting.order();
      if (timer > 0
          && timer != header.expiryTimer()
          && !order.hasDeadline(timer)
          && !order.isPolledAt(timer)) {
        timers.deleteProcessingTimeTimer(timer);
      }
    }

    /** A sketch says nothing without the anchor set that it was begun with. */
    private boolean refusedWithoutAnchors(Event event) {
      if (!lacksAnchors()) {
        return false;
      }
      refuse(
          event,
          "anchors: version %d, which this sequence adopted, is not held; publish it again, or forget the sequence"
              .formatted(header.anchorsVersion()));
      return true;
    }

    private boolean lacksAnchors() {
      int version = header.anchorsVersion();
      return version != 0 && anchors.get(key.head()).version(version).isEmpty();
    }

    private void refuse(Event event, String reason) {
      SequenceFunction.this.refuse(event, header.accepted(), reason, context);
    }

    private void emit(Event query, boolean last, Part.Kind kind, byte[] content) {
      context.output(SideOutputs.PARTS, Shards.part(query, header.accepted(), last, kind, content));
    }

    private void answerPart(Event.Query query, boolean last, Part.Kind kind) {
      long begin = System.nanoTime();
      byte[] part = marked(sequence.part(header, block(query))).toByteArray();
      headMetrics.timeQuery(System.nanoTime() - begin);
      metrics.countPart();
      emit(query, last, kind, part);
    }

    private SequencePart marked(SequencePart part) {
      return holes.touch(header) ? part.markedIncomplete() : part;
    }

    private QueryBlock block(Event.Query query) {
      // Not the header's: a query that waited may find its sequence forgotten and its head wider.
      int dim = query.vectors().length / query.count();
      double scale = heads.get(key.head()).scale();
      return new QueryBlock(query.vectors(), query.count(), dim, scale);
    }

    private void answer(Event.Query query, Waited waited) {
      if (refusedWithoutAnchors(query)) {
        return;
      }
      if (query.spread() != null) {
        boolean hadRoom = waited != Waited.NO_ROOM;
        answerPart(query, true, hadRoom ? Part.Kind.ANSWER : Part.Kind.ANSWER_WITHOUT_ROOM);
        return;
      }
      long begin = System.nanoTime();
      QueryBlock asked = block(query);
      Answers answers = sequence.answerAndRemember(header, asked);
      headMetrics.timeQuery(System.nanoTime() - begin);
      SequenceCounts counts = marked(sequence.part(header)).counts();
      metrics.countAnswer(key.head(), waited, counts, answers);
      shadows.compare(key.sequence(), header, asked, answers, headMetrics);
      out.collect(Reply.Answer.of(key, query.origin(), query.queryId(), answers, counts, waited));
    }
  }

  /** What a shard refuses of a query to all of them is said once, when they are merged. */
  private void refuse(Event event, long accepted, String reason, ReadOnlyContext context) {
    if (Shards.spread(event) == null) {
      metrics.countRefused();
      context.output(SideOutputs.DEAD_LETTERS, new DeadLetter(event.origin(), reason));
    } else {
      context.output(SideOutputs.PARTS, Shards.refusal(event, accepted, reason));
    }
  }
}
