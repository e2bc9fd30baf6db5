// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import java.util.List;

/** Two heads of other dimensions, scales and state sizes, with the same sequence in both. */
final class HeadsScenario extends Scenario {

  private static final Tokens WIDE = new Tokens("s", "wide", 6, 3, 1);
  private static final Tokens NARROW = new Tokens("s", "narrow", 2, 1, 2);
  private static final Tokens NARROW_ONLY = new Tokens("t", "narrow", 2, 1, 3);

  HeadsScenario() {
    super(
        "heads",
        "sketch.type",
        "polynomial",
        "heads",
        "wide,narrow",
        "head.wide.key-dim",
        "6",
        "head.wide.value-dim",
        "3",
        "head.wide.state-size",
        "8KiB",
        "head.narrow.key-dim",
        "2",
        "head.narrow.value-dim",
        "1",
        "head.narrow.scale",
        "0.5");
  }

  @Override
  List<Tokens> old() {
    return List.of(NARROW, NARROW_ONLY);
  }

  @Override
  void before(Stage stage) throws Exception {
    stage.start();
    stage.play(
        step()
            .tokens(WIDE, 0, 300)
            .tokens(NARROW, 0, 300)
            .tokens(NARROW_ONLY, 0, 20)
            .ask("first", NARROW_ONLY, 20));
  }

  @Override
  List<Step> after() {
    return steps(
        step()
            .ask("wide", WIDE, 300)
            .ask("narrow", NARROW, 300)
            .ask("narrow-only", NARROW_ONLY, 20),
        step()
            .stats("wide-counts", WIDE)
            .stats("narrow-counts", NARROW)
            .stats("narrow-only-counts", NARROW_ONLY),
        step()
            .tokens(WIDE, 300, 320)
            .tokens(NARROW, 300, 320)
            .tokens(NARROW_ONLY, 20, 40)
            .ask("wide-more", WIDE, 320)
            .ask("narrow-more", NARROW, 320)
            .ask("narrow-only-more", NARROW_ONLY, 40));
  }
}
