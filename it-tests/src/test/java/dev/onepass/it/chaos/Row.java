package dev.onepass.it.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What became of the queries of one cell.
 *
 * @param lostAfterwards of the lost ones, those asked after the disturbance
 * @param recovery from the disturbance's end until every sequence was answered about what was asked
 *     since; empty if that never was
 * @param silence the longest that a sequence got no answer
 * @param ended task managers that ended by themselves
 * @param lostAnswers what the job says it lost; empty if it does not tell
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

  /** What became of the queries, in a line. */
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

  /** What must not be so, in words; empty if all is as it must be. */
  List<String> broken() {
    List<String> broken = new ArrayList<>();
    if (recovery.isEmpty()) {
      broken.add("answers never came again");
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
      broken.add(lostAfterwards + " queries are lost that were asked when all was there again");
    }
    if (cell.disturbance() == Disturbance.CRASH_BEYOND_TRANSACTION_TIMEOUT
        && lostAnswers.isPresent()
        && lostAnswers.getAsLong() != lost) {
      broken.add("the job counts %d lost answers, not %d".formatted(lostAnswers.getAsLong(), lost));
    }
    return broken.stream().map(what -> cell.name() + ": " + what).toList();
  }
}
