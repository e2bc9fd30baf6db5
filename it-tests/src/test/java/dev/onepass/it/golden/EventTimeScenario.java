// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import java.util.List;

/**
 * The order by event time: records whose time has not come wait in state, and how far the order has
 * come decides what is late.
 */
final class EventTimeScenario extends Scenario {

  private static final Tokens A = Tokens.of("a");
  private static final Tokens B = Tokens.of("b");

  /** Its records have later timestamps than all others, so that the others are applied. */
  private static final Tokens PUSHER = Tokens.of("pusher");

  private static final int LATENESS_SECONDS = 10;

  /** Timestamp of the first record. */
  private final long begin = System.currentTimeMillis() - 3_600_000;

  EventTimeScenario() {
    super(
        "event-time",
        "sketch.type",
        "polynomial",
        "order.mode",
        "event-time",
        "order.lateness",
        LATENESS_SECONDS + " s",
        "order.idleness",
        "1 h");
  }

  private long seconds(int seconds) {
    return begin + 1_000L * seconds;
  }

  @Override
  List<Tokens> old() {
    return List.of(A, B);
  }

  @Override
  boolean repliesAtOnce() {
    return false;
  }

  @Override
  void before(Stage stage) throws Exception {
    stage.start();
    stage.play(
        step()
            // First the one that ends first, so that none is late.
            .at(seconds(0))
            .tokensEvery(100, B, 0, 30)
            .at(seconds(0))
            .tokensEvery(100, A, 0, 200)
            .at(seconds(5))
            .ask("a-of-50", A, 0)
            .at(seconds(30))
            .ask("a-of-all", A, 0)
            .ask("b-of-all", B, 0)
            .at(seconds(60))
            .tokens(PUSHER, 0, 1)
            .askAhead("pusher", PUSHER, 0));
    stage.play(
        step()
            // Later ones come first.
            .at(seconds(62))
            .tokensEvery(10, A, 230, 250)
            .at(seconds(61))
            .tokensEvery(10, A, 200, 230)
            .at(seconds(61))
            .retract(B, 3, 5)
            .tokensEvery(10, B, 30, 40)
            .at(seconds(62) - 1)
            .askAhead("a-of-230", A, 0)
            .at(seconds(63))
            .askAhead("a-of-250", A, 0)
            .askAhead("b-of-40", B, 0)
            // They are not put in order; when they are refused, all before them is in state.
            .malformed("tokens")
            .malformed("queries"));
  }

  @Override
  List<Step> after() {
    return steps(
        step().at(seconds(1)).tokens(B, 40, 41).letters(1),
        step()
            .at(seconds(70))
            .tokensEvery(10, A, 250, 270)
            .tokensEvery(10, B, 40, 45)
            .at(seconds(75))
            .ask("a-of-270", A, 0)
            .ask("b-of-45", B, 0)
            .at(seconds(75) - 1)
            .stats("a-counts", A)
            .at(seconds(100))
            .tokens(PUSHER, 1, 2)
            .askAhead("never", PUSHER, 0)
            .earlierReplies(4));
  }
}
