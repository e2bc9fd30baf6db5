// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import java.util.List;

/** A hot sequence in four shards, and a query that waits in parts. */
final class ShardsScenario extends Scenario {

  private static final Tokens HOT = Tokens.of("hot");
  private static final Tokens COLD = Tokens.of("cold");

  ShardsScenario() {
    super(
        "shards",
        "sketch.type",
        "polynomial",
        "shards.count",
        "4",
        "shards.sequences",
        HOT.sequence(),
        // Timers of expiry, and records that keep shards alive.
        "state.ttl",
        NEVER);
  }

  @Override
  List<Tokens> old() {
    return List.of(HOT, COLD);
  }

  @Override
  void before(Stage stage) throws Exception {
    stage.start();
    stage.play(
        step()
            .tokens(HOT, 0, 600)
            .tokens(COLD, 0, 40)
            .ask("first-hot", HOT, 600)
            .ask("first-cold", COLD, 40));
    // The counts come after the query, which waits then.
    stage.play(step().askAhead("waits", HOT, 640).stats("first-counts", HOT));
  }

  @Override
  List<Step> after() {
    return steps(
        step().ask("hot", HOT, 600).ask("cold", COLD, 40),
        step().stats("hot-counts", HOT).stats("cold-counts", COLD),
        step()
            .tokens(HOT, 600, 640)
            .tokens(COLD, 40, 60)
            .earlierReplies(1)
            .ask("cold-more", COLD, 60),
        step().ask("hot-more", HOT, 640),
        step().stats("hot-more-counts", HOT));
  }
}
