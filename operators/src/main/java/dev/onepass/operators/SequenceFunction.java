package dev.onepass.operators;

import dev.onepass.operators.event.AnchorSetSerializer;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Part;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.event.StoredAnchorSet;
import dev.onepass.operators.metrics.Footprint;
import dev.onepass.operators.metrics.HeadMetrics;
import dev.onepass.operators.metrics.SequenceMetrics;
import dev.onepass.operators.shadow.Shadows;
import dev.onepass.operators.shards.Shards;
import dev.onepass.operators.state.CachedSequenceStore;
import dev.onepass.operators.state.HeadCounts;
import dev.onepass.operators.state.ManagedSequenceStore;
import dev.onepass.operators.state.ShadowStore;
import dev.onepass.operators.state.WaitingQuery;
import dev.onepass.sketch.QueryBlock;
import dev.onepass.sketch.Recovery;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.sequence.Acceptance;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.Sequence;
import dev.onepass.sketch.sequence.SequenceCounts;
import dev.onepass.sketch.wire.CorruptSketchException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.streaming.api.operators.KeyContext;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
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
 * of a head share. A sequence adopts the current one when it leaves exact mode and keeps to it.
 *
 * <p>A query that is put to all shards of a sequence is answered with this shard's part, through
 * {@link #PARTS}; a query that waits does so in each shard, for the shard's share of the tokens.
 *
 * <p>Records that are refused leave through {@link #DEAD_LETTERS}.
 */
public final class SequenceFunction
    extends KeyedBroadcastProcessFunction<SequenceKey, Event, RawRecord, Reply>
    implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(SequenceFunction.class);

  /** Side output of what was refused. */
  public static final OutputTag<DeadLetter> DEAD_LETTERS =
      new OutputTag<>("dead-letters", FlowTypes.DEAD_LETTER);

  /** Side output of what shards say to queries; {@link MergeFunction} makes answers of it. */
  public static final OutputTag<Part> PARTS = new OutputTag<>("parts", FlowTypes.PART);

  /** Name and format of the broadcast state: anchor sets by head and version. */
  public static MapStateDescriptor<String, StoredAnchorSet> anchorSetsState() {
    return new MapStateDescriptor<>(
        "anchor-sets", StringSerializer.INSTANCE, AnchorSetSerializer.INSTANCE);
  }

  /** Expiry timers stand on multiples of this, so that one serves many tokens. */
  private static final long EXPIRY_GRAIN_MILLIS = 1_000;

  /** How often the timers of a head that is not declared look whether it is again. */
  private static final long UNDECLARED_MILLIS = 600_000;

  private final SequenceOptions options;
  private final AnchorsTopic anchorsTopic;

  private transient KeyContext keys;
  private transient CachedSequenceStore store;
  private transient Map<String, Sequence> sequences;
  private transient Map<String, HeadSpec> heads;
  private transient Map<String, AnchorSets> anchors;
  private transient HeldAnchorSets held;
  private transient AnchorRecords anchorRecords;
  private transient HeadCounts counts;
  private transient Shadows shadows;
  private transient SequenceMetrics metrics;

  /** Sequences of the declared heads. */
  public SequenceFunction(SequenceOptions options, AnchorsTopic anchorsTopic) {
    this.options = options;
    this.anchorsTopic = anchorsTopic;
  }

  /**
   * Takes up the anchor sets of the checkpoint and those that are given. Where there are none, it
   * reads those of the topic: the broadcast input brings them too, but sequences that are over
   * their bytes do not wait for that.
   */
  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    held =
        new HeldAnchorSets(
            context.getOperatorStateStore().getBroadcastState(anchorSetsState()),
            options.anchors().keep());
    for (StoredAnchorSet given : options.anchors().given()) {
      if (!held.take(given.head(), ParsedAnchorSet.of(given.bytes()))) {
        LOG.warn(
            "anchor set {} is known with other content, which stays; give the new one a higher version",
            given.name());
      }
    }
    counts = new HeadCounts(context, getRuntimeContext());
    anchorRecords = new AnchorRecords(options.heads());
    if (held.count() == 0) {
      for (RawRecord record : anchorsTopic.records()) {
        takeIfValid(record);
      }
    }
  }

  /** What is wrong with a record is said when the broadcast input brings it. */
  private void takeIfValid(RawRecord record) throws Exception {
    ParsedAnchorSet set;
    try {
      set = anchorRecords.read(record);
    } catch (IllegalArgumentException e) {
      return;
    }
    held.take(AnchorRecords.head(record), set);
  }

  /** Broadcast state is written as it changes; that of sequences is complete from now on. */
  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    store.writeFor(context.getCheckpointTimestamp());
    counts.snapshot();
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
    sequences = new HashMap<>();
    heads = new HashMap<>();
    anchors = new HashMap<>();
    shadows = new Shadows(options.shadows(), new ShadowStore(getRuntimeContext()));
    metrics =
        new SequenceMetrics(
            getRuntimeContext().getMetricGroup(),
            options.heads().stream().map(HeadSpec::name).toList(),
            counts.census(),
            held::count);
    for (HeadSpec head : options.heads()) {
      AnchorSets ofHead = held.of(head);
      anchors.put(head.name(), ofHead);
      HeadMetrics ofFolds = metrics.head(head.name());
      sequences.put(head.name(), new Sequence(head, store, ofHead, ofFolds::countFold));
      heads.put(head.name(), head);
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
    Turn turn = new Turn(event.key(), context, out);
    if (event instanceof Event.Token token) {
      turn.accept(token);
    } else if (event instanceof Event.Query query) {
      turn.ask(query);
    } else if (event instanceof Event.RecoverQuery query) {
      turn.recover(query);
    } else if (event instanceof Event.StatsQuery query) {
      turn.report(query);
    } else if (event instanceof Event.Alive) {
      turn.stayAlive();
    } else {
      turn.forget();
    }
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Reply> out) {
    if (!sequences.containsKey(context.getCurrentKey().head())) {
      // Its sequences are kept for the day when the head is declared again; so are their timers.
      context.timerService().registerProcessingTimeTimer(timestamp + UNDECLARED_MILLIS);
      return;
    }
    Turn turn = new Turn(context.getCurrentKey(), context, out);
    turn.giveUpWaiting(waiting -> waiting.deadline() <= timestamp);
    turn.expire(timestamp);
  }

  /** Every subtask takes the set or refuses it; the first one says so. */
  @Override
  public void processBroadcastElement(RawRecord record, Context context, Collector<Reply> out)
      throws Exception {
    String refusal = null;
    try {
      ParsedAnchorSet set = anchorRecords.read(record);
      String head = AnchorRecords.head(record);
      if (!held.take(head, set)) {
        refusal =
            "record value: version %d of the anchors of head %s is known with other content; publish it under a higher version"
                .formatted(set.set().version(), head);
      }
    } catch (IllegalArgumentException e) {
      // Checked before, but not what was on its way when the job was restored with other heads.
      refusal = e.getMessage();
    }
    if (refusal != null && getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0) {
      metrics.countAnchorSetRefused();
      context.output(DEAD_LETTERS, new DeadLetter(record, refusal));
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

    void accept(Event.Token token) {
      if (refusedWithoutAnchors(token)) {
        return;
      }
      long next = header.lastPosition() + 1;
      Acceptance acceptance =
          token.retract()
              ? sequence.retract(header, token.vectorKey(), token.value())
              : sequence.accept(header, token.position(), token.vectorKey(), token.value());
      if (acceptance.isRefused()) {
        refuse(token, acceptance.reason());
        return;
      }
      metrics.countToken(acceptance, token.retract());
      if (acceptance == Acceptance.ACCEPTED) {
        boolean sharded = options.sharding().of(key.sequence()) > 1;
        keepAlive(sharded);
        if (!sharded) {
          float weight = token.retract() ? -1 : 1;
          shadows.follow(
              key.sequence(), header, token.vectorKey(), token.value(), weight, headMetrics);
        }
        if (header.waiting() > 0 && leftOut(next, token.position())) {
          recountWaiting();
        }
        if (header.accepted() >= header.nextAsOf()) {
          answerWaiting(waiting -> waiting.query().asOf() <= header.accepted(), false);
          releaseIfClosed();
        }
      }
      writeHeader();
    }

    void ask(Event.Query query) {
      if (Shards.number(key) == 0) {
        metrics.countQuery(query.count());
      }
      if (refusedWithoutAnchors(query)) {
        return;
      }
      if (query.vectors().length != query.count() * header.keyDim()) {
        refuse(query, Acceptance.OTHER_DIMENSIONS.reason());
        return;
      }
      long due = query.spread() == null ? query.asOf() : dueHere(query.asOf());
      if (due <= header.accepted()) {
        answerAtOnce(query, false);
      } else if (header.isClosed() || header.waiting() >= options.asOfMaxWaiting()) {
        answerAtOnce(query, true);
      } else {
        if (query.spread() != null) {
          // The shards may have enough together; if not, this part's successor is waited for.
          answerPart(query, false);
        }
        await(query.withAsOf(due));
      }
    }

    /**
     * What this shard has to accept until the sequence has accepted so many tokens, if positions
     * count them: what it has, and its share of the positions to come.
     */
    private long dueHere(long asOf) {
      int shards = options.sharding().of(key.sequence());
      int cut = heads.get(key.head()).layout().cutSize();
      long next = header.lastPosition() + 1;
      return header.accepted()
          + Shards.positions(Shards.number(key), next, Math.max(next, asOf), cut, shards);
    }

    /** Whether positions of this shard from the next one on, which was due, will never come. */
    private boolean leftOut(long next, long position) {
      int shards = options.sharding().of(key.sequence());
      int cut = heads.get(key.head()).layout().cutSize();
      return shards > 1
          && next < position
          && Shards.positions(Shards.number(key), next, position, cut, shards) > 0;
    }

    /** Shares of the positions to come have become smaller. */
    private void recountWaiting() {
      List<WaitingQuery> recounted = new ArrayList<>();
      long smallest = Long.MAX_VALUE;
      for (WaitingQuery waiting : store.waiting()) {
        Event.Query query = waiting.query();
        if (query.spread() != null) {
          query = query.withAsOf(dueHere(query.spread().asOf()));
        }
        recounted.add(new WaitingQuery(query, waiting.deadline()));
        smallest = Math.min(smallest, query.asOf());
      }
      store.replaceWaiting(recounted);
      header.waiting(recounted.size(), smallest);
    }

    private void await(Event.Query query) {
      long deadline = timers.currentProcessingTime() + options.asOfTimeout().toMillis();
      store.addWaiting(new WaitingQuery(query, deadline));
      header.waiting(header.waiting() + 1, Math.min(header.nextAsOf(), query.asOf()));
      timers.registerProcessingTimeTimer(deadline);
      writeHeader();
    }

    private void answerAtOnce(Event.Query query, boolean timedOut) {
      answer(query, timedOut);
      releaseIfClosed();
      if (header.queryBytes() > 0) {
        writeHeader();
      }
    }

    /** A closed sequence takes no more tokens, so nothing that waits for some can be reached. */
    private void releaseIfClosed() {
      if (header.isClosed()) {
        answerWaiting(waiting -> true, true);
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
      } catch (CorruptSketchException notTheQuerysFault) {
        throw notTheQuerysFault;
      } catch (IllegalArgumentException tooMany) {
        refuse(query, tooMany.getMessage());
      }
    }

    void report(Event.StatsQuery query) {
      if (query.spread() != null) {
        byte[] part = sequence.part(header).toByteArray();
        emit(query, true, Part.Kind.STATS, part);
        return;
      }
      SequenceCounts counts = sequence.part(header).counts();
      out.collect(Reply.Stats.of(key, query.origin(), query.queryId(), counts));
    }

    void forget() {
      header = sequence.forget(header);
      shadows.forget();
      if (header.expiryTimer() > 0) {
        timers.deleteProcessingTimeTimer(header.expiryTimer());
        header.expiryTimer(0);
      }
      answerWaiting(waiting -> true, true);
      writeHeader();
    }

    void giveUpWaiting(Predicate<WaitingQuery> overdue) {
      if (header.waiting() > 0) {
        answerWaiting(overdue, true);
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
      } else if (header.lastSeen() + options.timeToLive().toMillis() <= now) {
        metrics.countExpired();
        forget();
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

    private void answerWaiting(Predicate<WaitingQuery> due, boolean timedOut) {
      if (header.waiting() == 0) {
        return;
      }
      List<WaitingQuery> left = new ArrayList<>();
      Set<Long> idleTimers = new HashSet<>();
      long smallest = Long.MAX_VALUE;
      for (WaitingQuery waiting : store.waiting()) {
        if (due.test(waiting)) {
          answer(waiting.query(), timedOut);
          idleTimers.add(waiting.deadline());
        } else {
          left.add(waiting);
          smallest = Math.min(smallest, waiting.query().asOf());
        }
      }
      store.replaceWaiting(left);
      header.waiting(left.size(), smallest);
      // Flink keeps one timer a timestamp: it goes only if nothing else is due at that moment.
      left.forEach(waiting -> idleTimers.remove(waiting.deadline()));
      idleTimers.remove(header.expiryTimer());
      idleTimers.forEach(timers::deleteProcessingTimeTimer);
    }

    /** A sketch says nothing without the anchor set that it was begun with. */
    private boolean refusedWithoutAnchors(Event event) {
      int version = header.anchorsVersion();
      if (version == 0 || anchors.get(key.head()).version(version).isPresent()) {
        return false;
      }
      refuse(
          event,
          "anchors: version %d, which this sequence adopted, is not kept any more; forget the sequence, and see anchors.keep"
              .formatted(version));
      return true;
    }

    private void refuse(Event event, String reason) {
      SequenceFunction.this.refuse(event, header.accepted(), reason, context);
    }

    private void emit(Event query, boolean last, Part.Kind kind, byte[] content) {
      context.output(PARTS, Shards.part(query, header.accepted(), last, kind, content));
    }

    private void answerPart(Event.Query query, boolean last) {
      long begin = System.nanoTime();
      byte[] part = sequence.part(header, block(query)).toByteArray();
      headMetrics.timeQuery(System.nanoTime() - begin);
      metrics.countPart();
      emit(query, last, Part.Kind.ANSWER, part);
    }

    private QueryBlock block(Event.Query query) {
      // Not the header's: a query that waited may find its sequence forgotten and its head wider.
      int dim = query.vectors().length / query.count();
      double scale = heads.get(key.head()).scale();
      return new QueryBlock(query.vectors(), query.count(), dim, scale);
    }

    private void answer(Event.Query query, boolean timedOut) {
      if (refusedWithoutAnchors(query)) {
        return;
      }
      if (query.spread() != null) {
        answerPart(query, true);
        return;
      }
      long begin = System.nanoTime();
      QueryBlock asked = block(query);
      Answers answers = sequence.answerAndRemember(header, asked);
      headMetrics.timeQuery(System.nanoTime() - begin);
      metrics.countAnswer(key.head(), timedOut, header.isExact(), header.tokens(), answers);
      shadows.compare(key.sequence(), header, asked, answers, headMetrics);
      SequenceCounts counts = sequence.part(header).counts();
      out.collect(Reply.Answer.of(key, query.origin(), query.queryId(), answers, counts, timedOut));
    }
  }

  /** What a shard refuses of a query to all of them is said once, when they are merged. */
  private void refuse(Event event, long accepted, String reason, ReadOnlyContext context) {
    if (Shards.spread(event) == null) {
      metrics.countRefused();
      context.output(DEAD_LETTERS, new DeadLetter(event.origin(), reason));
    } else {
      context.output(PARTS, Shards.refusal(event, accepted, reason));
    }
  }
}
