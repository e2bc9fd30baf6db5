package dev.onepass.operators.ordering;

import org.apache.flink.util.clock.RelativeClock;

/**
 * The clock by which a partition's silence is measured. Flink stops it while the partition is
 * paused, because it is ahead of others, or while nobody takes what is read. This one then tells
 * what it told last before that.
 *
 * <p>Flink looks at the clock now and then. Where the silence became long enough since the last
 * look, and the partition was paused then, Flink would find at the next look that the paused
 * partition is silent. It never lets a silent partition go on, so nobody would read it any more
 * (FLINK-40093, mended in Flink 2.2.2 and 2.3.1).
 */
final class ActivityClock implements RelativeClock {

  /** Reads between which a clock that runs goes on. */
  private static final int READS = 1_000;

  private final RelativeClock clock;
  private long told;

  ActivityClock(RelativeClock clock) {
    this.clock = clock;
    told = clock.relativeTimeNanos();
  }

  @Override
  public long relativeTimeNanos() {
    long now = clock.relativeTimeNanos();
    if (now != told && runs(now)) {
      told = now;
    }
    return told;
  }

  private boolean runs(long since) {
    for (int i = 0; i < READS; i++) {
      if (clock.relativeTimeNanos() != since) {
        return true;
      }
    }
    return false;
  }

  @Override
  public long relativeTimeMillis() {
    return relativeTimeNanos() / 1_000_000;
  }
}
