// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import java.util.List;

/** A form of {@code onepass} in which the first query ends the tokens of a sequence. */
final class ClosingScenario extends Scenario {

  private static final Tokens OPEN = Tokens.of("open");
  private static final Tokens CLOSED = Tokens.of("closed");
  private static final Tokens SHORT = Tokens.of("short");

  /** Tokens of the open sequence, which is not exact any more; not a multiple of the cut size. */
  private static final int MANY = 2_300;

  private static final int SOME = 200;

  ClosingScenario(String form) {
    super(
        "onepass-" + form,
        "sketch.type",
        "onepass",
        "onepass.form",
        form,
        "sketch.state-size",
        "64KiB",
        "onepass.logit-bound",
        "0.5",
        "onepass.tolerance",
        "0.1",
        "onepass.recover-k",
        "2");
  }

  @Override
  List<Tokens> old() {
    return List.of(OPEN, CLOSED, SHORT);
  }

  @Override
  void before(Stage stage) throws Exception {
    stage.start();
    stage.play(
        step()
            .tokens(OPEN, 0, MANY)
            .tokens(SHORT, 0, 10)
            .tokens(CLOSED, 0, SOME)
            .ask("first", CLOSED, SOME));
    stage.play(step().recover("first-recovery", CLOSED, 2));
  }

  @Override
  List<Step> after() {
    return steps(
        step().ask("closed", CLOSED, 0),
        step().recover("closed-recovery", CLOSED, 2),
        step().stats("closed-counts", CLOSED).stats("open-counts", OPEN),
        step().tokens(CLOSED, SOME, SOME + 1).letters(1),
        step()
            .tokens(OPEN, MANY, MANY + 30)
            .tokens(SHORT, 10, 15)
            .ask("open", OPEN, MANY + 30)
            .ask("short", SHORT, 15),
        step().recover("open-recovery", OPEN, 2).recover("short-recovery", SHORT, 2),
        step().stats("open-closed-counts", OPEN).tokens(OPEN, MANY + 30, MANY + 31).letters(1));
  }
}
