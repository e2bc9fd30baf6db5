// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import java.util.List;

/**
 * Sequences of a tokens topic that was deleted and created again: older ones, younger ones, and
 * some that were forgotten since, whose headers stay.
 */
final class HolesScenario extends Scenario {

  private static final Tokens OLDER = Tokens.of("older");
  private static final Tokens OLDER_FORGOTTEN = Tokens.of("older-forgotten");
  private static final Tokens YOUNGER = Tokens.of("younger");
  private static final Tokens YOUNGER_FORGOTTEN = Tokens.of("younger-forgotten");

  HolesScenario() {
    super("holes", "sketch.type", "polynomial");
  }

  @Override
  List<Tokens> old() {
    return List.of(YOUNGER, OLDER, OLDER_FORGOTTEN, YOUNGER_FORGOTTEN);
  }

  @Override
  void before(Stage stage) throws Exception {
    stage.start();
    stage.play(
        step().tokens(OLDER_FORGOTTEN, 0, 20).tokens(OLDER, 0, 200).ask("first-older", OLDER, 200));
    stage.renewTokens(OLDER);
    stage.play(
        step()
            .tokens(OLDER, 200, 210)
            .forget(OLDER_FORGOTTEN)
            .tokens(YOUNGER_FORGOTTEN, 0, 10)
            .forget(YOUNGER_FORGOTTEN)
            .tokens(YOUNGER, 0, 200)
            .ask("first-younger", YOUNGER, 200));
  }

  @Override
  List<Step> after() {
    return steps(
        step()
            .ask("older", OLDER, 210)
            .ask("younger", YOUNGER, 200)
            .ask("older-forgotten", OLDER_FORGOTTEN, 0)
            .ask("younger-forgotten", YOUNGER_FORGOTTEN, 0),
        step()
            .stats("older-counts", OLDER)
            .stats("younger-counts", YOUNGER)
            .stats("older-forgotten-counts", OLDER_FORGOTTEN)
            .stats("younger-forgotten-counts", YOUNGER_FORGOTTEN),
        step()
            .tokens(OLDER, 210, 230)
            .tokens(YOUNGER, 200, 220)
            .tokens(YOUNGER_FORGOTTEN, 10, 20)
            .ask("older-more", OLDER, 230)
            .ask("younger-more", YOUNGER, 220)
            .ask("younger-forgotten-more", YOUNGER_FORGOTTEN, 10));
  }
}
