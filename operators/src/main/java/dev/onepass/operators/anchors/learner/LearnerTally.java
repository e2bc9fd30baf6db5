// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

/**
 * The numbers that the learner counts for a head in addition to its {@link LearnerProgress}.
 *
 * @param surplusQueries sampled query vectors that sequences hold beyond their shares
 * @param surplusKeys sampled keys that sequences hold beyond their shares
 * @param fullSince when the sample became full although few sequences hold it, in epoch
 *     milliseconds; 0 if it is not
 * @param failures failed attempts in a row
 */
public record LearnerTally(long surplusQueries, long surplusKeys, long fullSince, long failures) {

  /** Returns whether no sequence holds more than its share. */
  public boolean isSpread() {
    return surplusQueries <= 0 && surplusKeys <= 0;
  }

  /**
   * Returns the tally after a change of the samples beyond the shares.
   *
   * @param query whether the samples are query vectors
   * @param change how many more there are, negative for fewer
   */
  public LearnerTally withSurplus(boolean query, int change) {
    return new LearnerTally(
        surplusQueries + (query ? change : 0),
        surplusKeys + (query ? 0 : change),
        fullSince,
        failures);
  }

  /** Returns the tally with a sample that is full since this time, in epoch milliseconds. */
  public LearnerTally fullSince(long time) {
    return new LearnerTally(surplusQueries, surplusKeys, time, failures);
  }

  /** Returns the tally with one more failure. */
  public LearnerTally failedAgain() {
    return new LearnerTally(surplusQueries, surplusKeys, fullSince, failures + 1);
  }
}
