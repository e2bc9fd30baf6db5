package dev.onepass.it.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What an operator saw of a disturbance, in words. */
final class Sight {

  private static final Duration A_MOMENT = Duration.ofMillis(400);

  private final List<String> words = new ArrayList<>();

  private Sight() {}

  static String of(Watch watch, Deployment job, int deadLetters) {
    Sight sight = new Sight();
    sight.time("Flink's page: RESTARTING for %s s", watch.timeIn("RESTARTING"));
    sight.time("Flink's page is not there for %s s", watch.timeIn("UNKNOWN"));
    sight.count("submitted again", job.submissions() - 1);
    sight.count("%d checkpoints failed", watch.failedCheckpoints());
    if (watch.firstException() != null) {
      sight.words.add("`" + watch.firstException() + "`");
    }
    sight.count("%d dead letters", deadLetters);
    watch
        .counter("lostTransactions")
        .ifPresent(lost -> sight.count("metric `lostTransactions` %d", lost));
    watch.counter("lostAnswers").ifPresent(lost -> sight.count("metric `lostAnswers` %d", lost));
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

  /** By the thresholds of {@code docker/prometheus/alerts.yml}. */
  private void alerts(Watch watch) {
    if (watch.restarts() > 2) {
      words.add("alert `OnepassRestarts`");
    }
    if (watch.failedCheckpoints() > 2
        && watch.failedCheckpoints() > 0.2 * watch.completedCheckpoints()) {
      words.add("alert `OnepassCheckpointsFail`");
    }
    if (watch.timeIn("RESTARTING").plus(watch.timeIn("UNKNOWN")).toSeconds() >= 120) {
      words.add("alert `OnepassNotRunning`");
    }
  }
}
