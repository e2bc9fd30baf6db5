// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import java.util.List;

/**
 * A job that uses one feature of sketches: a sequence in exact mode, with retracted tokens, one
 * beyond it, and one that begins after the restoration.
 */
final class FeatureScenario extends Scenario {

  private final int count;
  private final boolean recovers;
  private final Tokens few;
  private final Tokens many;

  /** Begins after the restoration. */
  private final Tokens young;

  /**
   * Describes a job.
   *
   * @param count tokens of the sequence that has outgrown exact mode
   * @param valueDim length of values
   * @param kind of all tokens
   */
  FeatureScenario(
      String name, int count, int valueDim, Tokens.Kind kind, String... optionsAndValues) {
    super(name, optionsAndValues);
    options().put("sketch.value-dim", Integer.toString(valueDim));
    this.count = count;
    recovers = options().containsKey("onepass.recover-k");
    few = Tokens.of("few", valueDim, kind);
    many = Tokens.of("many", valueDim, kind);
    young = Tokens.of("young", valueDim, kind);
  }

  @Override
  List<Tokens> old() {
    return List.of(many, few);
  }

  @Override
  void before(Stage stage) throws Exception {
    stage.start();
    stage.play(
        step()
            .tokens(few, 0, 9)
            // Before the token that the first query waits for.
            .retract(few, 6, 8)
            .tokens(few, 9, 10)
            .tokens(many, 0, count)
            .ask("first-few", few, 10)
            .ask("first-many", many, count));
    if (recovers) {
      stage.play(step().recover("first-recovery", many, 1));
    }
  }

  @Override
  List<Step> after() {
    StepBuilder recovery = step();
    if (recovers) {
      recovery.recover("recovery", many, 1).recover("more-recovery", few, 1);
    }
    return steps(
        step().ask("few", few, 10).ask("many", many, count),
        step().stats("few-counts", few).stats("many-counts", many),
        recovery,
        step()
            .retract(few, 2, 4)
            // The first ones are duplicates.
            .tokens(few, 8, 18)
            .tokens(many, count, count + 30)
            .tokens(young, 0, 8)
            .ask("few-more", few, 18)
            .ask("many-more", many, count + 30)
            .ask("young", young, 8),
        step()
            .stats("few-more-counts", few)
            .stats("many-more-counts", many)
            .stats("young-counts", young));
  }
}
