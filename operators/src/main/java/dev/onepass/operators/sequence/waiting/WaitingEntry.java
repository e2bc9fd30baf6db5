// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.waiting;

import dev.onepass.operators.event.Event;
import dev.onepass.operators.event.Waited;

/**
 * Index entry of a waiting event: what can be known without reading the event.
 *
 * @param reason what it waits for
 * @param tokens number of tokens that must be accepted: by this key for {@link Reason#TOKENS}, by
 *     all shards for {@link Reason#SHARE}; 0 for the other reasons
 * @param deadline processing time in epoch milliseconds at which a query is answered over the
 *     tokens so far; {@link Long#MAX_VALUE} if the event waits for its turn
 * @param bytes bytes of the event that count towards the bounds
 */
public record WaitingEntry(Reason reason, long tokens, long deadline, int bytes) {

  /** The reason why an event waits. Savepoints hold the code, so codes must not change. */
  public enum Reason {
    /** A query waits until its key has accepted enough tokens. */
    TOKENS(0),
    /** A query to all shards waits until this shard has accepted its share of the tokens. */
    SHARE(1),
    /** A query of any kind waits until it is taken as if it came now. */
    QUERY(2),
    /** An event that is not a query waits until it is taken as if it came now. */
    EVENT(3),
    /** A query waits to be answered. */
    ANSWER(4),
    /** A query waits to be answered, over fewer tokens than it asked for. */
    LATE_ANSWER(5),
    /** A query that had no room to wait for tokens waits to be answered. */
    ANSWER_WITHOUT_ROOM(6);

    private final int code;

    Reason(int code) {
      this.code = code;
    }

    /** Returns the reason with a code; null if the code is unknown. */
    static Reason of(int code) {
      for (Reason reason : values()) {
        if (reason.code == code) {
          return reason;
        }
      }
      return null;
    }

    /** Returns the code that stands for the reason in bytes. */
    int code() {
      return code;
    }

    /** Returns the reason of an event that waits until it is taken as if it came now. */
    public static Reason toTake(Event event) {
      return event.isAsked() ? QUERY : EVENT;
    }

    /** Returns the reason of a query that waits to be answered. */
    public static Reason toAnswer(Waited waited) {
      return switch (waited) {
        case ENOUGH -> ANSWER;
        case TOO_FEW -> LATE_ANSWER;
        case NO_ROOM -> ANSWER_WITHOUT_ROOM;
      };
    }

    /**
     * Returns how the wait for tokens has ended of a query that waits to be answered; null if the
     * event waits for something else.
     */
    public Waited waited() {
      return switch (this) {
        case ANSWER -> Waited.ENOUGH;
        case LATE_ANSWER -> Waited.TOO_FEW;
        case ANSWER_WITHOUT_ROOM -> Waited.NO_ROOM;
        default -> null;
      };
    }

    /** Returns whether the event waits for its turn, not for tokens. */
    public boolean isTurn() {
      return this != TOKENS && this != SHARE;
    }
  }

  /** Returns the entry of a query whose wait for tokens has ended. */
  WaitingEntry inTurn(Waited waited) {
    return new WaitingEntry(Reason.toAnswer(waited), 0, Long.MAX_VALUE, bytes);
  }
}
