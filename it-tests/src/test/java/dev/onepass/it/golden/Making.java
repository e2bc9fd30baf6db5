// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes golden savepoints and writes them into the repository. */
final class Making {

  private Making() {}

  /**
   * Makes the savepoints of the present format that are missing.
   *
   * @param directory for brokers and clusters
   */
  static void makeAll(Path directory) throws Exception {
    try (GoldenCluster cluster = GoldenCluster.start(directory)) {
      for (Scenario scenario : Scenarios.chosen()) {
        if (!GoldenSavepoint.current(scenario.name()).exists()) {
          make(cluster, scenario, directory.resolve("savepoints"));
        }
      }
    }
  }

  private static void make(GoldenCluster cluster, Scenario scenario, Path savepoints)
      throws Exception {
    Script script = script(cluster, scenario, savepoints);
    try (Conversation conversation = new Conversation(cluster, scenario.name())) {
      Stage stage = new Stage(cluster, conversation, script.options(), savepoints);
      scenario.before(stage);
      GoldenSavepoint.current(scenario.name()).replaceBy(cluster.stop(savepoints), script);
      conversation.deleteTopics();
    }
  }

  /** Writes down what a job replies that was not stopped in the state of the savepoint. */
  private static Script script(GoldenCluster cluster, Scenario scenario, Path savepoints)
      throws Exception {
    try (Conversation conversation = new Conversation(cluster, scenario.name())) {
      Map<String, String> options = new HashMap<>(scenario.options());
      options.putAll(conversation.options());
      scenario.before(new Stage(cluster, conversation, options, savepoints));
      List<Step> steps = new ArrayList<>();
      for (Step step : scenario.after()) {
        steps.add(conversation.play(step));
      }
      cluster.cancel();
      conversation.deleteTopics();
      List<Tokens> old = scenario.old();
      Script.Marked marked =
          scenario.repliesAtOnce()
              ? new Script.Marked(old.get(0).sequence(), old.get(0).head())
              : null;
      return new Script(
          options,
          marked,
          old.stream().map(Tokens::sequence).toList(),
          scenario.hasShadows(),
          steps);
    }
  }
}
