// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import dev.onepass.operators.sequence.store.Lifetime;
import dev.onepass.operators.sharding.RouteFunction;
import java.time.Duration;

/** Decides when a sequence that receives no tokens is dropped. */
final class Expiry {

  /** Expiry timers are multiples of this, so that one timer serves many tokens. */
  private static final long GRAIN_MILLIS = 1_000;

  private final Duration timeToLive;

  /** Creates the rules of a time to live; null if sequences live for ever. */
  Expiry(Duration timeToLive) {
    this.timeToLive = timeToLive;
  }

  /** Notes that a token came, or that other shards have tokens. */
  void keepAlive(Turn turn, boolean sharded) {
    if (timeToLive == null) {
      return;
    }
    long seen = turn.now();
    if (sharded) {
      // Other shards may have tokens that this shard learns of only after this time.
      seen += timeToLive.toMillis() / RouteFunction.ALIVE_PER_LIFE;
    }
    long timer = turn.lifetime().expiryTimer();
    if (timer > seen + timeToLive.toMillis() + GRAIN_MILLIS) {
      // The time to live was shortened after this timer was registered.
      turn.deleteTimer(timer);
      register(turn, seen);
    } else if (timer <= seen) {
      register(turn, seen);
    } else {
      turn.lifetime(new Lifetime(seen, timer));
    }
  }

  /**
   * Returns whether the sequence expires with a timer; if not, registers the next timer.
   *
   * @param now time of the timer in epoch milliseconds
   * @param tokensWait whether tokens of the sequence wait, so that it is not silent
   */
  boolean expires(Turn turn, long now, boolean tokensWait) {
    Lifetime lifetime = turn.lifetime();
    if (lifetime.expiryTimer() == 0 || lifetime.expiryTimer() > now) {
      return false;
    }
    turn.lifetime(new Lifetime(lifetime.lastSeen(), 0));
    if (timeToLive == null) {
      return false;
    }
    if (!tokensWait && lifetime.lastSeen() + timeToLive.toMillis() <= now) {
      return true;
    }
    register(turn, tokensWait ? now : lifetime.lastSeen());
    return false;
  }

  private void register(Turn turn, long lastSeen) {
    long due = lastSeen + timeToLive.toMillis();
    long timer = (due / GRAIN_MILLIS + 1) * GRAIN_MILLIS;
    turn.lifetime(new Lifetime(lastSeen, timer));
    turn.registerTimer(timer);
  }
}
