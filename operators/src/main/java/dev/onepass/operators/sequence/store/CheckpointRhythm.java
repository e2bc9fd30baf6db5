// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.store;

/**
 * Predicts when the next checkpoint is due: the interval between the last two checkpoints after the
 * newest one. Savepoints, failures and bursts disturb the rhythm. So it counts predictions and the
 * wrong ones among them, and is trusted while most predictions prove right.
 */
final class CheckpointRhythm {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** A checkpoint that is late by more than this part of the interval is not expected any more. */
  private static final int PATIENCE = 10;

  /** One in this many predictions may prove wrong. */
  private static final int TOLERANCE = 4;

  /** A checkpoint is due soon if it is no further away than this ... */
  private static final long SOON_NANOS = 200_000_000;

  /** ... and no further away than this part of the interval. */
  private static final int SOON_PART = 20;

  private long count;
  private long triggeredMillis;
  private long intervalNanos;
  private long newestNanos;
  private long foreseen;
  private long wrong;
  private boolean trusted;

  /**
   * Notes that a checkpoint is being taken.
   *
   * @param triggered when the coordinator began it, in milliseconds of the coordinator's clock
   * @param nanos the present {@link System#nanoTime()}
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

  /** Returns the number of checkpoints so far. */
  long count() {
    return count;
  }

  /**
   * Returns whether the next checkpoint is due within a time; false while there is no rhythm.
   *
   * @param time in nanoseconds
   * @param now the present {@link System#nanoTime()}
   */
  boolean isDueWithin(long time, long now) {
    long left = intervalNanos - (now - newestNanos);
    return intervalNanos > 0 && left < time && left > -intervalNanos / PATIENCE;
  }

  /** Returns whether the next checkpoint comes so soon that little changes until then. */
  boolean isDueSoon(long now) {
    return isDueWithin(Math.min(SOON_NANOS, intervalNanos / SOON_PART), now);
  }

  /** Counts a prediction. */
  void countForeseen() {
    foreseen++;
  }

  /** Counts a wrong prediction since the newest checkpoint. */
  void countWrong() {
    wrong++;
  }

  /** Returns whether most predictions between the two newest checkpoints were right. */
  boolean isTrusted() {
    return trusted;
  }
}
