package dev.onepass.operators.sequence.store;

/**
 * Says when the next checkpoint is due: as long after the newest as that was triggered after the
 * one before. Savepoints, failures and floods disturb the rhythm, so it keeps the score of what was
 * foreseen by it, and is trusted while most of that proves right.
 */
final class CheckpointRhythm {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** A checkpoint that is late by more than this part of the interval is not waited for. */
  private static final int PATIENCE = 10;

  /** The part of all that is foreseen which may prove wrong. */
  private static final int TOLERANCE = 4;

  /** A checkpoint is due soon when it is no further away than this, */
  private static final long SOON_NANOS = 200_000_000;

  /** and than this part of the interval. */
  private static final int SOON_PART = 20;

  private long count;
  private long triggeredMillis;
  private long intervalNanos;
  private long newestNanos;
  private long foreseen;
  private long wrong;
  private boolean trusted;

  /**
   * A checkpoint is being taken.
   *
   * @param triggered when the coordinator began it, in milliseconds of its clock
   * @param nanos now, as {@link System#nanoTime()} has it
   */
  void checkpoint(long triggered, long nanos) {
    intervalNanos = count == 0 ? 0 : (triggered - triggeredMillis) * NANOS_PER_MILLI;
    triggeredMillis = triggered;
    newestNanos = nanos;
    count++;
    trusted = foreseen > 0 && wrong * TOLERANCE <= foreseen;
    foreseen = 0;
    wrong = 0;
  }

  /** Checkpoints so far. */
  long count() {
    return count;
  }

  /**
   * Whether the next checkpoint is due within a time; false as long as there is no rhythm.
   *
   * @param time in nanoseconds
   * @param now as {@link System#nanoTime()} has it
   */
  boolean isDueWithin(long time, long now) {
    long left = intervalNanos - (now - newestNanos);
    return intervalNanos > 0 && left < time && left > -intervalNanos / PATIENCE;
  }

  /** Whether the next checkpoint comes so soon that what changes until then is little. */
  boolean isDueSoon(long now) {
    return isDueWithin(Math.min(SOON_NANOS, intervalNanos / SOON_PART), now);
  }

  /** Something was foreseen by the rhythm. */
  void countForeseen() {
    foreseen++;
  }

  /** Something that was foreseen since the newest checkpoint was wrong. */
  void countWrong() {
    wrong++;
  }

  /** Whether what was foreseen between the two newest checkpoints was right for the most part. */
  boolean isTrusted() {
    return trusted;
  }
}
