// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.RawRecord;
import dev.onepass.operators.event.Waited;
import dev.onepass.operators.holes.Holes;
import dev.onepass.operators.holes.MovedSequences;
import dev.onepass.operators.ordering.Timestamps;
import dev.onepass.operators.sequence.store.Lifetime;
import dev.onepass.operators.sequence.waiting.WaitingEntry.Reason;
import dev.onepass.operators.sharding.Shards;
import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.sequence.Acceptance;
import dev.onepass.sketch.sequence.Decay;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.Sequence;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What events and timers do to their sequence. */
final class SequenceEvents {

  private static final Logger LOG = LoggerFactory.getLogger(SequenceEvents.class);

  private final Subtask subtask;
  private final WaitingTurns turns;
  private final Replies replies;
  private final WaitingQueries queries;
  private final Expiry expiry;
  private final Timestamps timestamps;
  private final MovedSequences moved = new MovedSequences();

  SequenceEvents(Subtask subtask) {
    this.subtask = subtask;
    turns = new WaitingTurns(subtask);
    replies = new Replies(subtask);
    queries = new WaitingQueries(subtask, turns, replies);
    expiry = new Expiry(subtask.options().timeToLive());
    timestamps = new Timestamps("decay.half-life", subtask.options().ahead());
  }

  /** Takes an event, or makes it wait behind the events that wait for their turn. */
  void takeInOrder(Turn turn, Event event) {
    if (!turns.isBlocked(event)) {
      take(turn, event);
      if (event instanceof Event.Forget) {
        turns.answerAll(taker(turn));
      }
    } else if (!turns.add(event)) {
      // There is no room for it in state: the task blocks instead, which holds its inputs back.
      turns.takeAll(turn, taker(turn));
      take(turn, event);
    }
  }

  /** Does what is due at a timer: events whose turn has come, deadlines of queries, expiry. */
  void takeTimer(Turn turn, long time) {
    turns.take(turn, taker(turn));
    turn.count();
    queries.giveUp(turn, time);
    if (expiry.expires(turn, time, subtask.waiting().order().hasTurns())) {
      if (turn.header().accepted() > 0) {
        subtask.metrics().countExpired();
      }
      drop(turn);
    }
  }

  private WaitingTurns.Taker taker(Turn turn) {
    return new WaitingTurns.Taker() {
      @Override
      public void take(Event event) {
        SequenceEvents.this.take(turn, event);
        turn.count();
      }

      @Override
      public void answer(Event.Query query, Waited waited) {
        queries.answer(turn, query, waited);
      }
    };
  }

  private void take(Turn turn, Event event) {
    if (event instanceof Event.Token token) {
      accept(turn, token);
    } else if (event instanceof Event.Query query) {
      ask(turn, query);
    } else if (event instanceof Event.RecoverQuery query) {
      replies.recover(turn, query);
    } else if (event instanceof Event.StatsQuery query) {
      replies.report(turn, query);
    } else if (event instanceof Event.Alive) {
      if (!turn.header().isBlank()) {
        expiry.keepAlive(turn, true);
      }
    } else {
      forget(turn, event.origin());
    }
  }

  private void accept(Turn turn, Event.Token token) {
    if (turn.refuseWithoutAnchors(token)
        || (!token.retract() && refuseTimestamp(turn, token))
        || turns.postpone(turn, token, Reason.EVENT)) {
      return;
    }
    Sequence sequence = turn.sequence();
    boolean elsewhere = Holes.isElsewhere(turn.header(), token.origin());
    int partition = turn.header().origin().partition();
    Acceptance acceptance =
        token.retract()
            ? sequence.retract(token.vectorKey(), token.value(), token.bias(), time(turn, token))
            : sequence.accept(
                token.position(),
                token.vectorKey(),
                token.value(),
                token.bias(),
                time(turn, token));
    if (acceptance.isRefused()) {
      turn.refuse(token, reason(acceptance));
      return;
    }
    subtask.metrics().countToken(acceptance, token.retract());
    if (elsewhere) {
      reportMoved(turn, token, partition);
    }
    if (acceptance == Acceptance.ACCEPTED) {
      accepted(turn, token);
    }
  }

  /**
   * Refuses an event whose timestamp is no time or too far in the future, if its sequence decays by
   * time: such a token would age all others, and for ever.
   *
   * @return whether the event is refused
   */
  private boolean refuseTimestamp(Turn turn, Event event) {
    Decay decay = turn.header().decay();
    String refusal =
        decay.isOn() && !decay.byTokens()
            ? timestamps.refusal(event.origin().timestamp(), turn.now())
            : null;
    if (refusal != null) {
      turn.refuse(event, refusal);
    }
    return refusal != null;
  }

  /**
   * Returns when a token happened, or when a retracted token did, in the unit of its sequence's
   * decay. A sequence counts its tokens itself; a shard has only some of them, so its tokens are
   * counted by their positions.
   */
  private static long time(Turn turn, Event.Token token) {
    if (turn.header().decay().byTokens()) {
      return turn.isSharded() ? token.position() + 1 : token.retract() ? Sequence.NO_TIME : 0;
    }
    return token.retract() ? token.timestamp() : token.origin().timestamp();
  }

  /** Returns the reason of a refusal, with the options that change it. */
  private static String reason(Acceptance acceptance) {
    return switch (acceptance) {
      case FULL -> acceptance.reason() + "; set a larger sketch.state-size or another sketch.type";
      case CLOSED -> acceptance.reason() + ", or set onepass.form to outputs";
      default -> acceptance.reason();
    };
  }

  private void accepted(Turn turn, Event.Token token) {
    Header header = turn.header();
    if (!token.retract()) {
      boolean begins = header.accepted() == 1 && isLowest(turn, token.position());
      subtask.holes().noteOrigin(turn.sequence(), token.origin(), begins);
    }
    boolean sharded = turn.isSharded();
    expiry.keepAlive(turn, sharded);
    if (!sharded) {
      subtask
          .shadows()
          .follow(turn.key().sequence(), header, weighed(turn, token), turn.head().metrics());
    }
    queries.answerReached(turn);
  }

  /** Returns an accepted token with its time in the sequence. */
  private static Token weighed(Turn turn, Event.Token token) {
    long clock = turn.header().clock();
    long time = token.retract() ? Math.min(clock, time(turn, token)) : clock;
    return new Token(
        token.vectorKey(),
        token.value(),
        token.retract() ? -1 : 1,
        token.bias(),
        turn.header().decay().isOn() ? time : 0);
  }

  private void reportMoved(Turn turn, Event.Token token, int before) {
    subtask.metrics().countMoved();
    moved.warning(turn.key(), before, token.origin().partition(), turn.now()).ifPresent(LOG::warn);
  }

  /** Returns whether no token of this key can come before one of this position. */
  private static boolean isLowest(Turn turn, long position) {
    int cut = turn.head().spec().shardBlock();
    return position <= (long) Shards.number(turn.key()) * cut;
  }

  private void ask(Turn turn, Event.Query query) {
    if (turn.refuseWithoutAnchors(query)) {
      return;
    }
    if (query.vectors().length != query.count() * turn.sequence().keyDim()) {
      turn.refuse(query, Acceptance.OTHER_DIMENSIONS.reason());
      return;
    }
    if (refuseTimestamp(turn, query)) {
      return;
    }
    queries.ask(turn, query);
  }

  private void forget(Turn turn, RawRecord forget) {
    boolean hadTokens = turn.header().accepted() > 0 || turn.header().origin().isKnown();
    drop(turn);
    if (hadTokens) {
      // Nothing from before a forget can be missing, so holes before it do not count.
      subtask.holes().forgotten(turn.sequence(), forget);
      if (turn.header().origin().isKnown()) {
        expiry.keepAlive(turn, turn.isSharded());
      }
    }
  }

  private void drop(Turn turn) {
    turn.sequence().forget();
    subtask.shadows().forget();
    long timer = turn.lifetime().expiryTimer();
    turn.lifetime(Lifetime.UNLIMITED);
    queries.release(turn);
    turn.deleteTimerIfIdle(timer);
  }
}
