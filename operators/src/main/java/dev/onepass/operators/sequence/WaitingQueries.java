// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.Part;
import dev.onepass.operators.event.Waited;
import dev.onepass.operators.sequence.waiting.WaitingEntry.Reason;
import dev.onepass.operators.sequence.waiting.WaitingEvents;
import dev.onepass.operators.sequence.waiting.WaitingOrder;
import dev.onepass.operators.sharding.Shards;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Queries that wait for tokens. A query with an {@code as_of} that is not reached waits in state.
 * It is answered by the token that reaches it, by its timeout, or when its sequence is forgotten,
 * closed or expires. A query to all shards waits in each shard for the shard's share of the tokens.
 */
final class WaitingQueries {

  private final SequenceOptions options;
  private final WaitingEvents waiting;
  private final WaitingTurns turns;
  private final Replies replies;

  WaitingQueries(Subtask subtask, WaitingTurns turns, Replies replies) {
    options = subtask.options();
    waiting = subtask.waiting();
    this.turns = turns;
    this.replies = replies;
  }

  /** Answers a query, or makes it wait for tokens. */
  void ask(Turn turn, Event.Query query) {
    if (isReached(turn, query)) {
      answerAtOnce(turn, query, Waited.ENOUGH);
    } else if (turn.header().isClosed()) {
      answerAtOnce(turn, query, Waited.TOO_FEW);
    } else if (!hasRoom(query)) {
      answerAtOnce(turn, query, Waited.NO_ROOM);
    } else if (query.spread() == null) {
      await(turn, query);
    } else if (!turns.postpone(turn, query, Reason.QUERY)) {
      // The shards may have enough tokens together; if not, a later part replaces this one.
      replies.answerPart(turn, query, false, Part.Kind.ANSWER);
      await(turn, query);
    }
  }

  private boolean hasRoom(Event.Query query) {
    return waiting.order().queries() < options.waiting().queries() && waiting.hasRoom(query);
  }

  private boolean isReached(Turn turn, Event.Query query) {
    long due = query.spread() == null ? query.asOf() : dueHere(turn, query.spread().asOf());
    return due <= turn.header().accepted();
  }

  /**
   * Returns the number of tokens that this shard has accepted when the sequence has accepted {@code
   * asOf}, if positions count tokens: those that it has, and its share of the positions to come.
   */
  private static long dueHere(Turn turn, long asOf) {
    int cut = turn.head().spec().shardBlock();
    long accepted = turn.header().accepted();
    long next = turn.header().lastPosition() + 1;
    int shard = Shards.number(turn.key());
    long share = Shards.positions(shard, next, Math.max(next, asOf), cut, turn.shards());
    return Math.min(share, Long.MAX_VALUE - accepted) + accepted;
  }

  private void await(Turn turn, Event.Query query) {
    long deadline = turn.now() + options.asOfTimeout().toMillis();
    waiting.addQuery(query, deadline);
    turn.registerTimer(deadline);
  }

  private void answerAtOnce(Turn turn, Event.Query query, Waited waited) {
    if (!turns.postpone(turn, query, Reason.toAnswer(waited))) {
      answer(turn, query, waited);
    }
  }

  /** Answers a query, and the waiting ones too if it closes the sequence. */
  void answer(Turn turn, Event.Query query, Waited waited) {
    replies.answer(turn, query, waited);
    releaseIfClosed(turn);
  }

  /** A closed sequence accepts no more tokens, so nothing that waits for tokens can be reached. */
  private void releaseIfClosed(Turn turn) {
    if (turn.header().isClosed()) {
      release(turn);
    }
  }

  /** Answers the queries that the tokens accepted so far have reached. */
  void answerReached(Turn turn) {
    if (waiting.isEmpty()) {
      return;
    }
    WaitingOrder order = waiting.order();
    long accepted = turn.header().accepted();
    if (accepted >= order.nextTokens(asOf -> dueHere(turn, asOf))) {
      answer(turn, order.reached(accepted, asOf -> dueHere(turn, asOf)), Waited.ENOUGH);
      releaseIfClosed(turn);
    }
  }

  /** Answers the queries whose deadline has come. */
  void giveUp(Turn turn, long now) {
    answer(turn, waiting.order().overdue(now), Waited.TOO_FEW);
  }

  /** Answers all queries that wait for tokens, over fewer tokens than they ask for. */
  void release(Turn turn) {
    giveUp(turn, Long.MAX_VALUE);
  }

  private void answer(Turn turn, List<Long> numbers, Waited waited) {
    Set<Long> idleTimers = new HashSet<>();
    for (long number : numbers) {
      idleTimers.add(waiting.order().deadline(number));
      Event.Query query = (Event.Query) waiting.event(number);
      if (!turns.postpone(turn, query, number, waited)) {
        waiting.remove(number);
        replies.answer(turn, query, waited);
      }
    }
    idleTimers.forEach(turn::deleteTimerIfIdle);
  }
}
