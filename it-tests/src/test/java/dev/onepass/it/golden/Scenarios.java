// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import java.util.List;

/** Everything that a golden savepoint is made of in the present format. */
final class Scenarios {

  private static final String TYPE = "sketch.type";

  /** Names of some scenarios, separated by commas. */
  private static final String ONLY = System.getProperty("golden.only", "");

  private Scenarios() {}

  /** Returns whether {@code -Dgolden.only} is not set. */
  static boolean areAllChosen() {
    return ONLY.isEmpty();
  }

  /** Returns whether {@code -Dgolden.only} names a savepoint, or is not set. */
  static boolean isChosen(String name) {
    return areAllChosen() || List.of(ONLY.split(",")).contains(name);
  }

  /** Returns all scenarios, or those that are chosen. */
  static List<Scenario> chosen() {
    return all().stream().filter(scenario -> isChosen(scenario.name())).toList();
  }

  private static List<Scenario> all() {
    return List.of(
        FamilyScenario.exact("exact", TYPE, "exact"),
        FamilyScenario.anchored("hybrid", TYPE, "hybrid", "anchors.learn", "false"),
        FamilyScenario.anchored("anchors", TYPE, "anchors", "anchors.learn", "false"),
        FamilyScenario.of("cluster", TYPE, "cluster"),
        FamilyScenario.of("polynomial", TYPE, "polynomial"),
        FamilyScenario.of("ridge", TYPE, "ridge"),
        FamilyScenario.recovering(
            "onepass-outputs",
            TYPE,
            "onepass",
            "sketch.state-size",
            "16KiB",
            "onepass.logit-bound",
            "0.5",
            "onepass.tolerance",
            "0.1",
            "onepass.recover-k",
            "2"),
        new FeatureScenario(
            "onepass-directions",
            650,
            8,
            Tokens.Kind.PLAIN,
            TYPE,
            "onepass",
            "onepass.form",
            "directions",
            "sketch.state-size",
            "16KiB",
            "onepass.logit-bound",
            "0.5",
            "onepass.tolerance",
            "0.1",
            "onepass.recover-k",
            "1"),
        new ClosingScenario("paper"),
        new ClosingScenario("moments"),
        FamilyScenario.of(
            "exactly-once",
            TYPE,
            "polynomial",
            "kafka.delivery-guarantee",
            "exactly-once",
            "kafka.transactional-id-prefix",
            "golden"),
        new FeatureScenario(
            "heavy",
            300,
            2,
            Tokens.Kind.OUTLYING,
            TYPE,
            "cluster",
            "sketch.state-size",
            "2KiB",
            "heavy.share",
            "0.25"),
        new FeatureScenario(
            "bias", 300, 2, Tokens.Kind.BIASED, TYPE, "cluster", "sketch.state-size", "2KiB"),
        // By tokens, since the timestamps of the records differ from run to run.
        new FeatureScenario(
            "decay",
            300,
            2,
            Tokens.Kind.BIASED,
            TYPE,
            "polynomial",
            "sketch.state-size",
            "2KiB",
            "decay.half-life-tokens",
            "40"),
        new WideScenario(),
        new HeadsScenario(),
        new EventTimeScenario(),
        new ShardsScenario(),
        new WaitingScenario(),
        new LearnerScenario(),
        new HolesScenario());
  }
}
