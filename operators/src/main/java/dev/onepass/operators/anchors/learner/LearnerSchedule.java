// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

import dev.onepass.sketch.sequence.HeadSpec;
import java.time.Duration;
import org.apache.flink.streaming.api.TimerService;

/**
 * Decides when the samples of the current key's head are enough for a set, and when to try again
 * after a failure.
 *
 * <p>The full sample is enough at once if several sequences hold it; otherwise it waits a little
 * for samples of other sequences. After {@code anchors.learn-after}, the minimum sample is enough.
 */
final class LearnerSchedule {

  /** Longest time that a full sample of few sequences waits for others. */
  static final Duration FEW_SEQUENCES_WAIT = Duration.ofSeconds(30);

  private static final Duration SHORTEST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofDays(1);

  private final SampleStore store;
  private final Duration learnAfter;

  /**
   * Creates the schedule of a learner.
   *
   * @param store state of the learner
   * @param learnAfter time after which the minimum sample is enough
   */
  LearnerSchedule(SampleStore store, Duration learnAfter) {
    this.store = store;
    this.learnAfter = learnAfter;
  }

  /**
   * Returns the progress of a head without samples, and registers the timer at which the minimum
   * sample becomes enough.
   *
   * @param version highest version of the head that the job knows of, 0 for none
   */
  LearnerProgress begin(HeadSpec head, int version, TimerService timers) {
    long minimumEnoughAt = timers.currentProcessingTime() + learnAfter.toMillis();
    timers.registerProcessingTimeTimer(minimumEnoughAt);
    return LearnerProgress.begin(LearnerProgress.dims(head), version, minimumEnoughAt);
  }

  /** Returns whether a set is to be made now. Registers a timer if the answer changes by itself. */
  boolean isEnough(SampleSizes sizes, LearnerProgress progress, TimerService timers)
      throws Exception {
    long now = timers.currentProcessingTime();
    boolean all = progress.queries() >= sizes.queries() && progress.keys() >= sizes.keys();
    boolean few = progress.queries() >= sizes.fewest() && progress.keys() >= sizes.fewest();
    boolean enough =
        (few && now >= progress.minimumEnoughAt()) || (all && ofEnoughSequences(now, timers));
    return now >= progress.notBefore() && enough;
  }

  /** Returns whether enough sequences hold the samples, or whether they have waited long enough. */
  private boolean ofEnoughSequences(long now, TimerService timers) throws Exception {
    LearnerTally tally = store.tally();
    if (tally.isSpread()) {
      return true;
    }
    long wait = Math.min(FEW_SEQUENCES_WAIT.toMillis(), learnAfter.toMillis());
    if (tally.fullSince() == 0) {
      store.putTally(tally.fullSince(now));
      timers.registerProcessingTimeTimer(now + wait);
      return wait == 0;
    }
    return now >= tally.fullSince() + wait;
  }

  /**
   * Returns how long to wait after a failure. Doubles with each failure, up to a day.
   *
   * @param failures failures in a row before this one, at least 0
   */
  Duration retryAfter(long failures) {
    Duration first = learnAfter.compareTo(SHORTEST_RETRY) < 0 ? SHORTEST_RETRY : learnAfter;
    Duration longest = first.compareTo(LONGEST_RETRY) > 0 ? first : LONGEST_RETRY;
    Duration wait = first.multipliedBy(1L << Math.min(failures, 16));
    return wait.compareTo(longest) > 0 ? longest : wait;
  }
}
