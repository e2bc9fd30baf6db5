// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.Waited;
import dev.onepass.operators.sequence.waiting.WaitingEntry.Reason;
import dev.onepass.operators.sequence.waiting.WaitingEvents;
import dev.onepass.operators.sequence.waiting.WaitingOrder;
import dev.onepass.sketch.background.Preparation;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * Events that wait for their turn: for work in the background that they need, or behind events that
 * do.
 */
final class WaitingTurns {

  /** How soon a timer looks after an event that waits for its turn, at first and at the latest. */
  private static final long FIRST_POLL_MILLIS = 10;

  private static final long LAST_POLL_MILLIS = 500;

  private final boolean inEventTime;
  private final WaitingEvents waiting;
  private final Preparations preparations;

  WaitingTurns(Subtask subtask) {
    inEventTime = subtask.options().eventTime() != null;
    waiting = subtask.waiting();
    preparations = subtask.preparations();
  }

  /** Takes events whose turn has come. */
  interface Taker {

    /** Takes an event as if it came now. */
    void take(Event event);

    /** Answers a query whose waiting for tokens has ended. */
    void answer(Event.Query query, Waited waited);
  }

  /**
   * Returns whether an event has to wait for others. All events wait behind a token that waits.
   * Events wait behind queries only in event time; otherwise a query is answered over the tokens
   * that have come by then.
   */
  boolean isBlocked(Event event) {
    if (waiting.isEmpty() || event instanceof Event.Alive) {
      return false;
    }
    WaitingOrder order = waiting.order();
    return order.hasTurns() && (inEventTime || order.hasEvents());
  }

  /**
   * Adds an event behind those that wait.
   *
   * @return false if there is no room for it
   */
  boolean add(Event event) {
    if (!waiting.hasRoom(event)) {
      return false;
    }
    waiting.addTurn(event, Reason.toTake(event));
    return true;
  }

  /** Takes the events whose turn has come, as far as the work that they need is done. */
  void take(Turn turn, Taker taker) {
    WaitingOrder order = waiting.order();
    if (!order.hasTurns()) {
      return;
    }
    if (order.lacking() != null && preparations.isUnderWay(order.lacking())) {
      // Many sequences may wait for the same work: this need not read their sketches.
      pollLater(turn, order.lacking());
    } else {
      take(turn, taker, false);
    }
  }

  /**
   * Takes all events that wait for their turn, and blocks until the work that they need is done.
   */
  void takeAll(Turn turn, Taker taker) {
    take(turn, taker, true);
  }

  private void take(Turn turn, Taker taker, boolean patiently) {
    while (waiting.order().hasTurns()) {
      long number = waiting.order().nextTurn();
      Waited waited = waiting.order().reason(number).waited();
      Event event = waiting.event(number);
      try {
        Preparation lacking = lacking(turn, event);
        if (lacking != null && patiently) {
          preparations.await(lacking);
        } else if (lacking != null) {
          preparations.request(lacking);
          pollLater(turn, lacking);
          return;
        }
        waiting.remove(number);
        if (waited == null) {
          turn.takePrepared(() -> taker.take(event));
        } else {
          taker.answer((Event.Query) event, waited);
        }
      } catch (PreparationException e) {
        waiting.remove(number);
        refuseUnprepared(turn, event, e);
      }
    }
  }

  /** Answers the queries that wait for their turn when the tokens are dropped that they ask of. */
  void answerAll(Taker taker) {
    while (waiting.order().hasTurns()) {
      long number = waiting.order().nextTurn();
      Event.Query query = (Event.Query) waiting.event(number);
      waiting.remove(number);
      taker.answer(query, Waited.TOO_FEW);
    }
  }

  /** Returns the work that an event needs; null if nothing is missing. */
  private static Preparation lacking(Turn turn, Event event) {
    if (turn.lacksAnchors()) {
      return null; // It will be refused.
    }
    if (event instanceof Event.Token) {
      return turn.sequence().foldPreparation().orElse(null);
    }
    return event instanceof Event.Query ? turn.sequence().preparation().orElse(null) : null;
  }

  /**
   * Makes an event wait if it needs work in the background. If there is no room, blocks until the
   * work is done.
   *
   * @param reason how it waits
   * @return false if it can be taken at once; true if it waits or is refused
   */
  boolean postpone(Turn turn, Event event, Reason reason) {
    if (turn.isPrepared()) {
      return false;
    }
    try {
      Preparation lacking = lacking(turn, event);
      if (lacking == null) {
        return false;
      }
      if (!waiting.hasRoom(event)) {
        preparations.await(lacking);
        return false;
      }
      preparations.request(lacking);
      waiting.addTurn(event, reason);
      pollLater(turn, lacking);
    } catch (PreparationException e) {
      refuseUnprepared(turn, event, e);
    }
    return true;
  }

  /**
   * Makes a query that has waited for tokens wait for its turn if it needs work in the background.
   *
   * @param number of the query among the waiting events
   * @return false if it can be answered at once; true if it waits or is refused
   */
  boolean postpone(Turn turn, Event.Query query, long number, Waited waited) {
    try {
      Preparation lacking = lacking(turn, query);
      if (lacking == null) {
        return false;
      }
      preparations.request(lacking);
      waiting.turn(number, waited);
      pollLater(turn, lacking);
    } catch (PreparationException e) {
      waiting.remove(number);
      refuseUnprepared(turn, query, e);
    }
    return true;
  }

  private void pollLater(Turn turn, Preparation lacking) {
    WaitingOrder order = waiting.order();
    order.lacking(lacking);
    turn.registerTimer(order.pollAfter(turn.now(), FIRST_POLL_MILLIS, LAST_POLL_MILLIS));
  }

  /** Refuses a query. A token must not be lost, so it fails the task, which is restarted. */
  private static void refuseUnprepared(Turn turn, Event event, PreparationException e) {
    if (event instanceof Event.Token || e.getCause() instanceof InterruptedException) {
      throw new FlinkRuntimeException(
          "head %s: the anchor set cannot be prepared: %s"
              .formatted(turn.key().head(), e.getMessage()),
          e);
    }
    turn.refuse(
        event,
        "anchors: the anchor set cannot be prepared for answers (%s); give task managers more memory or the head a smaller state size, then send the query again"
            .formatted(e.getMessage()));
  }
}
