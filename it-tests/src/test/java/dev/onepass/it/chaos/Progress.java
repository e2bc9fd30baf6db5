// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import java.time.Duration;
import java.time.Instant;

/** Prints the progress of a campaign and the time that is left. */
final class Progress {

  private final Plan plan;
  private int cell = -1;
  private Instant begun;

  Progress(Plan plan) {
    this.plan = plan;
  }

  /** Begins the next cell. */
  void next() {
    cell++;
    begun = Instant.now();
    tell("%s, %s", plan.cells().get(cell).disturbance(), plan.cells().get(cell).mode());
  }

  /** Prints a line about the current cell. */
  void tell(String format, Object... words) {
    Duration left = left();
    System.out.printf(
        "[chaos] %d of %d, %d:%02d left: %s%n",
        cell + 1,
        plan.cells().size(),
        left.toMinutes(),
        left.toSecondsPart(),
        format.formatted(words));
  }

  private Duration left() {
    Duration here =
        plan.timeFor(plan.cells().get(cell)).minus(Duration.between(begun, Instant.now()));
    return plan.cells().stream()
        .skip(cell + 1L)
        .map(plan::timeFor)
        .reduce(here.isNegative() ? Duration.ZERO : here, Duration::plus);
  }
}
