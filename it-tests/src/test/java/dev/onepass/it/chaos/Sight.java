// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Describes what an operator sees of a disturbance. */
final class Sight {

  private static final Duration A_MOMENT = Duration.ofMillis(400);

  private final List<String> words = new ArrayList<>();

  private Sight() {}

  /** Describes status, checkpoints, first exception and warning, metrics and alerts of a job. */
  static String of(Watch watch, Deployment job, Optional<String> warning, int deadLetters) {
    Sight sight = new Sight();
    sight.time("job status RESTARTING for %s s", watch.timeIn("RESTARTING"));
    sight.time("Flink's web interface down for %s s", watch.timeIn("UNKNOWN"));
    sight.count("job submitted again", job.submissions() - 1);
    sight.count("checkpoints failed: %d", watch.failedCheckpoints());
    if (watch.firstException() != null) {
      sight.words.add("`" + watch.firstException() + "`");
    }
    warning.ifPresent(sentence -> sight.words.add("log: `" + sentence + "`"));
    sight.count("dead letters: %d", deadLetters);
    sight.metric(watch, "lostTransactions");
    sight.metric(watch, "lostAnswers");
    sight.metric(watch, "oldestUnwrittenMillis");
    sight.alerts(watch);
    return sight.words.isEmpty() ? "nothing" : String.join("; ", sight.words);
  }

  private void time(String format, Duration time) {
    if (time.compareTo(A_MOMENT) > 0) {
      words.add(format.formatted(Table.seconds(time)));
    }
  }

  private void count(String format, long number) {
    if (number > 0) {
      words.add(format.formatted(number));
    }
  }

  private void metric(Watch watch, String name) {
    watch.metric(name).ifPresent(value -> count("metric `" + name + "` up to %d", value));
  }

  /** Adds the alerts whose thresholds in {@code docker/prometheus/alerts.yml} were met. */
  private void alerts(Watch watch) {
    if (watch.restarts() > 5) {
      words.add("alert `OnepassRestarts`");
    }
    if (watch.failedCheckpoints() > 2
        && watch.failedCheckpoints() > 0.2 * watch.completedCheckpoints()) {
      words.add("alert `OnepassCheckpointsFail`");
    }
    if (watch.timeIn("RESTARTING").plus(watch.timeIn("UNKNOWN")).toSeconds() >= 120) {
      words.add("alert `OnepassNotRunning`");
    }
    if (watch.metric("oldestUnwrittenMillis").orElse(0) > 15_000) {
      words.add("alert `OnepassNoAnswers`");
    }
    if (watch.metric("lostTransactions").orElse(0) > 0) {
      words.add("alert `OnepassAnswersLost`");
    }
  }
}
