package dev.onepass.operators.state;

/**
 * Says when the next checkpoint is due: as long after the newest as that was triggered after the
 * one before. Savepoints and failures disturb the rhythm; whoever asks must lose no more than time
 * by a wrong guess.
 */
final class CheckpointRhythm {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** A checkpoint that is late by more than this part of the interval is not waited for. */
  private static final int PATIENCE = 10;

  private long count;
  private long triggeredMillis;
  private long intervalNanos;
  private long newestNanos;

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
}
