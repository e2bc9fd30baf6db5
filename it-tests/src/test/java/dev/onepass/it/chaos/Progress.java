package dev.onepass.it.chaos;

import java.time.Duration;
import java.time.Instant;

/** Tells whoever waits how far a campaign is. */
final class Progress {

  private final Plan plan;
  private int cell = -1;
  private Instant begun;

  Progress(Plan plan) {
    this.plan = plan;
  }

  void next() {
    cell++;
    begun = Instant.now();
    tell("%s, %s", plan.cells().get(cell).disturbance(), plan.cells().get(cell).mode());
  }

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
