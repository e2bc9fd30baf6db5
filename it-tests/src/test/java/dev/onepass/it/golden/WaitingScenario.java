// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import java.util.List;

/** Queries that wait for tokens, shadows, and timers of expiry. */
final class WaitingScenario extends Scenario {

  private static final Tokens MANY = Tokens.of("many");
  private static final Tokens FEW = Tokens.of("few");
  private static final Tokens NONE = Tokens.of("none");
  private static final Tokens FORGOTTEN = Tokens.of("forgotten");

  WaitingScenario() {
    super("waiting", "sketch.type", "cluster", "shadow.one-in", "1", "state.ttl", NEVER);
  }

  @Override
  List<Tokens> old() {
    return List.of(MANY, FEW);
  }

  @Override
  boolean hasShadows() {
    return true;
  }

  @Override
  void before(Stage stage) throws Exception {
    stage.start();
    stage.play(
        step()
            .tokens(MANY, 0, 300)
            .tokens(FORGOTTEN, 0, 20)
            .tokens(FEW, 0, 10)
            .ask("first-many", MANY, 300)
            .ask("first-few", FEW, 10));
    stage.play(
        step()
            .askAhead("many-330", MANY, 330)
            .askAhead("many-310", MANY, 310)
            .askAhead("many-310-again", MANY, 310)
            .askAhead("few-15", FEW, 15)
            .askAhead("none-5", NONE, 5)
            .askAhead("forgotten-40", FORGOTTEN, 40)
            .askAhead("many-1000", MANY, 1_000)
            // It comes after the queries, which wait then.
            .stats("first-counts", FEW));
  }

  @Override
  List<Step> after() {
    return steps(
        step().ask("many", MANY, 300).ask("few", FEW, 10),
        step().stats("many-counts", MANY).stats("few-counts", FEW),
        step().tokens(MANY, 300, 310).earlierReplies(2),
        step().tokens(MANY, 310, 332).tokens(FEW, 10, 16).tokens(NONE, 0, 6).earlierReplies(3),
        step().forget(FORGOTTEN).earlierReplies(1),
        step()
            .ask("many-more", MANY, 332)
            .ask("few-more", FEW, 16)
            .ask("none-more", NONE, 6)
            .ask("forgotten-more", FORGOTTEN, 0));
  }
}
