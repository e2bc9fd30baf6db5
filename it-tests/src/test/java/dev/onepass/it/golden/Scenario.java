// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How a golden savepoint is made, and what its job is sent after it was restored. */
abstract class Scenario {

  /**
   * Longer than any savepoint is kept: deadlines in a savepoint are times of day, and must not have
   * passed when it is restored years later.
   */
  static final String NEVER = "36500 d";

  private final String name;
  private final Map<String, String> options = new HashMap<>();

  /**
   * Describes a job with one head, whose keys have length 4 and values length 2.
   *
   * @param name of the directory
   * @param more options in turn with their values
   */
  Scenario(String name, String... more) {
    this.name = name;
    options.put("sketch.key-dim", "4");
    options.put("sketch.value-dim", "2");
    options.put("sketch.state-size", "4KiB");
    options.put("as-of.timeout", NEVER);
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
  }

  /** Returns the name of the directory. */
  final String name() {
    return name;
  }

  /** Returns the options of the job, without those that name brokers and topics. */
  final Map<String, String> options() {
    return options;
  }

  /** Leads the job, which is not started yet, to the state of the savepoint. */
  abstract void before(Stage stage) throws Exception;

  /** Returns what the restored job is sent. */
  abstract List<Step> after();

  /**
   * Returns the sequences that may lack tokens once the job has found a new tokens topic: those
   * that began before.
   */
  abstract List<Tokens> old();

  /** Returns whether the job replies to requests at once. */
  boolean repliesAtOnce() {
    return true;
  }

  /** Returns whether answers of the restored job are compared with exact attention. */
  boolean hasShadows() {
    return false;
  }

  /** Builds steps. */
  static List<Step> steps(StepBuilder... steps) {
    List<Step> built = new ArrayList<>();
    for (StepBuilder step : steps) {
      built.add(step.build());
    }
    return built;
  }

  static StepBuilder step() {
    return new StepBuilder();
  }
}
