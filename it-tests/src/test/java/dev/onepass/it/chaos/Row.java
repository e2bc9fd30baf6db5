// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The outcome of one cell.
 *
 * @param asked number of queries
 * @param lost number of queries with neither an answer nor a dead letter
 * @param lostAfterwards number of lost queries that were sent after the disturbance
 * @param doubled number of queries with more than one answer
 * @param wrong number of wrong answers
 * @param recovery time from the end of the disturbance until answers flow; empty if they never did
 * @param silence longest time for which a sequence got no answer
 * @param restarts number of restarts of the job
 * @param ended number of task managers that ended by themselves
 * @param lostAnswers the job's metric {@code lostAnswers}; empty if the job did not report it
 * @param seen what an operator saw, in words
 */
record Row(
    Cell cell,
    int asked,
    int lost,
    int lostAfterwards,
    int doubled,
    int wrong,
    Optional<Duration> recovery,
    Duration silence,
    long restarts,
    int ended,
    OptionalLong lostAnswers,
    String seen) {

  /** Returns the outcome in one line. */
  @Override
  public String toString() {
    return "%d asked, %d lost, %d doubled, %d wrong, answers flow after %s, %d restarts"
        .formatted(
            asked,
            lost,
            doubled,
            wrong,
            recovery.map(time -> Table.seconds(time) + " s").orElse("never"),
            restarts);
  }

  /** Returns a sentence for each violated promise. */
  List<String> broken() {
    List<String> broken = new ArrayList<>();
    if (recovery.isEmpty()) {
      broken.add("answers never resumed");
    }
    if (wrong > 0) {
      broken.add(wrong + " answers are wrong");
    }
    if (doubled > 0 && cell.mode() == Mode.EXACTLY_ONCE) {
      broken.add(doubled + " queries were answered more than once");
    }
    if (lost > 0 && !cell.disturbance().mayLose(cell.mode())) {
      broken.add(lost + " queries have neither an answer nor a dead letter");
    }
    if (lostAfterwards > 0) {
      broken.add(
          lostAfterwards + " queries were lost that were sent after everything was up again");
    }
    if (cell.disturbance() == Disturbance.CRASH_BEYOND_TRANSACTION_TIMEOUT
        && lostAnswers.isPresent()
        && lostAnswers.getAsLong() != lost) {
      broken.add(
          "the job counted %d lost answers instead of %d".formatted(lostAnswers.getAsLong(), lost));
    }
    return broken.stream().map(what -> cell.name() + ": " + what).toList();
  }
}
