package dev.onepass.operators;

import dev.onepass.operators.event.AnchorSet;
import dev.onepass.operators.event.AnchorSetSerializer;
import dev.onepass.operators.event.DeadLetter;
import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.FlowTypes;
import dev.onepass.operators.event.Reply;
import dev.onepass.operators.event.SequenceKey;
import dev.onepass.operators.state.ManagedSequenceStore;
import dev.onepass.operators.state.WaitingQuery;
import dev.onepass.sketch.QueryBlock;
import dev.onepass.sketch.Recovery;
import dev.onepass.sketch.sequence.Acceptance;
import dev.onepass.sketch.sequence.Answers;
import dev.onepass.sketch.sequence.HeadSpec;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.Sequence;
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
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Folds the tokens of each sequence and answers its queries, in the order in which they arrive.
 *
 * <p>A query sees every token that was accepted before it. One with an {@code as_of} that is not
 * reached yet waits in state and is answered inside the token that reaches it, or by its timeout,
 * or when its sequence is forgotten or expires; the last three are marked {@code timed_out}.
 *
 * <p>Records that the sequence refuses leave through {@link #DEAD_LETTERS}.
 */
public final class SequenceFunction
    extends KeyedBroadcastProcessFunction<SequenceKey, Event, AnchorSet, Reply> {
  private static final long serialVersionUID = 1L;

  /** Side output of what was refused. */
  public static final OutputTag<DeadLetter> DEAD_LETTERS =
      new OutputTag<>("dead-letters", FlowTypes.DEAD_LETTER);

  /** Name and format of the broadcast state: anchor sets by head and version. */
  public static MapStateDescriptor<String, AnchorSet> anchorSetsState() {
    return new MapStateDescriptor<>(
        "anchor-sets", StringSerializer.INSTANCE, AnchorSetSerializer.INSTANCE);
  }

  /** Expiry timers stand on multiples of this, so that one serves many tokens. */
  private static final long EXPIRY_GRAIN_MILLIS = 1_000;

  /** How often the timers of a head that is not declared look whether it is again. */
  private static final long UNDECLARED_MILLIS = 600_000;

  private final SequenceOptions options;

  private transient ManagedSequenceStore store;
  private transient Map<String, Sequence> sequences;
  private transient Map<String, Double> scales;
  private transient SequenceMetrics metrics;

  /** Sequences of the declared heads. */
  public SequenceFunction(SequenceOptions options) {
    this.options = options;
  }

  @Override
  public void open(OpenContext context) {
    store = new ManagedSequenceStore(getRuntimeContext());
    sequences = new HashMap<>();
    scales = new HashMap<>();
    for (HeadSpec head : options.heads()) {
      sequences.put(head.name(), new Sequence(head, store));
      scales.put(head.name(), head.scale());
    }
    metrics = new SequenceMetrics(getRuntimeContext().getMetricGroup());
  }

  @Override
  public void processElement(Event event, ReadOnlyContext context, Collector<Reply> out) {
    if (!sequences.containsKey(event.key().head())) {
      // The decoder stops these, but not what an unaligned checkpoint held in flight when the job
      // is restored without the head.
      refuse(event, "head: " + event.key().head() + " is not declared", context);
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

  @Override
  public void processBroadcastElement(AnchorSet set, Context context, Collector<Reply> out)
      throws Exception {
    context.getBroadcastState(anchorSetsState()).put(set.name(), set);
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
    private Header header;

    Turn(SequenceKey key, ReadOnlyContext context, Collector<Reply> out) {
      this.key = key;
      this.context = context;
      this.timers = context.timerService();
      this.out = out;
      sequence = sequences.get(key.head());
      header = sequence.header();
    }

    void accept(Event.Token token) {
      Acceptance acceptance =
          token.retract()
              ? sequence.retract(header, token.vectorKey(), token.value())
              : sequence.accept(header, token.position(), token.vectorKey(), token.value());
      if (acceptance.isRefused()) {
        refuse(token, acceptance.reason(), context);
        return;
      }
      metrics.countToken(acceptance, token.retract());
      if (acceptance == Acceptance.ACCEPTED) {
        keepAlive();
        if (header.accepted() >= header.nextAsOf()) {
          answerWaiting(waiting -> waiting.query().asOf() <= header.accepted(), false);
          releaseIfClosed();
        }
      }
      store.putHeader(header);
    }

    void ask(Event.Query query) {
      if (query.vectors().length != query.count() * header.keyDim()) {
        refuse(query, Acceptance.OTHER_DIMENSIONS.reason(), context);
      } else if (query.asOf() <= header.accepted()) {
        answerAtOnce(query, false);
      } else if (header.isClosed() || header.waiting() >= options.asOfMaxWaiting()) {
        answerAtOnce(query, true);
      } else {
        long deadline = timers.currentProcessingTime() + options.asOfTimeout().toMillis();
        store.addWaiting(new WaitingQuery(query, deadline));
        header.waiting(header.waiting() + 1, Math.min(header.nextAsOf(), query.asOf()));
        timers.registerProcessingTimeTimer(deadline);
        store.putHeader(header);
      }
    }

    private void answerAtOnce(Event.Query query, boolean timedOut) {
      answer(query, timedOut);
      releaseIfClosed();
      if (header.queryBytes() > 0) {
        store.putHeader(header);
      }
    }

    /** A closed sequence takes no more tokens, so nothing that waits for some can be reached. */
    private void releaseIfClosed() {
      if (header.isClosed()) {
        answerWaiting(waiting -> true, true);
      }
    }

    void recover(Event.RecoverQuery query) {
      if (!sequence.canRecover(header)) {
        refuse(query, "recover: only sketch.type onepass recovers columns", context);
        return;
      }
      try {
        Recovery recovery = sequence.recover(header, query.k());
        out.collect(new Reply.Recovered(key, query.origin(), query.queryId(), recovery));
      } catch (CorruptSketchException notTheQuerysFault) {
        throw notTheQuerysFault;
      } catch (IllegalArgumentException tooMany) {
        refuse(query, tooMany.getMessage(), context);
      }
    }

    void report(Event.StatsQuery query) {
      out.collect(
          new Reply.Stats(
              key,
              query.origin(),
              query.queryId(),
              header.tokens(),
              header.isBlank() ? 0 : header.stateBytes(),
              sequence.familyName(header),
              header.isExact(),
              header.anchorsVersion(),
              header.duplicates()));
    }

    void forget() {
      header = sequence.forget(header);
      if (header.expiryTimer() > 0) {
        timers.deleteProcessingTimeTimer(header.expiryTimer());
        header.expiryTimer(0);
      }
      answerWaiting(waiting -> true, true);
      store.putHeader(header);
    }

    void giveUpWaiting(Predicate<WaitingQuery> overdue) {
      if (header.waiting() > 0) {
        answerWaiting(overdue, true);
        store.putHeader(header);
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
        store.putHeader(header);
      } else if (header.lastSeen() + options.timeToLive().toMillis() <= now) {
        metrics.countExpired();
        forget();
      } else {
        registerExpiry();
        store.putHeader(header);
      }
    }

    private void keepAlive() {
      if (options.timeToLive() == null) {
        return;
      }
      header.lastSeen(timers.currentProcessingTime());
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

    private void answer(Event.Query query, boolean timedOut) {
      // Not the header's: a query that waited may find its sequence forgotten and its head wider.
      int dim = query.vectors().length / query.count();
      QueryBlock block =
          new QueryBlock(query.vectors(), query.count(), dim, scales.get(key.head()));
      Answers answers = sequence.answerAndRemember(header, block);
      metrics.countAnswer(timedOut, answers);
      out.collect(
          new Reply.Answer(
              key,
              query.origin(),
              query.queryId(),
              answers.outputs(),
              answers.error(),
              answers.logNormalizer(),
              answers.beyondBound(),
              answers.firstRow(),
              header.tokens(),
              header.lastPosition(),
              sequence.familyName(header),
              header.anchorsVersion(),
              header.isExact(),
              timedOut));
    }
  }

  private void refuse(Event event, String reason, ReadOnlyContext context) {
    metrics.countRefused();
    context.output(DEAD_LETTERS, new DeadLetter(event.origin(), reason));
  }
}
