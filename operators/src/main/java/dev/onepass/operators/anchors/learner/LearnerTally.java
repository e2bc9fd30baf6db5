package dev.onepass.operators.anchors.learner;

/**
 * What the learner counts beside its {@link LearnerProgress}.
 *
 * @param surplusQueries sampled queries that sequences hold beyond their shares
 * @param surplusKeys sampled keys, likewise
 * @param fullSince since when all samples wanted are there, though few sequences hold them, in
 *     epoch milliseconds; 0 if they are not
 * @param failures how often in a row no set came of the samples
 */
public record LearnerTally(long surplusQueries, long surplusKeys, long fullSince, long failures) {

  /** Whether no sequence holds more than its share. */
  public boolean isSpread() {
    return surplusQueries <= 0 && surplusKeys <= 0;
  }

  /** With more samples beyond the shares, or fewer. */
  public LearnerTally withSurplus(boolean query, int change) {
    return new LearnerTally(
        surplusQueries + (query ? change : 0),
        surplusKeys + (query ? 0 : change),
        fullSince,
        failures);
  }

  /** With all samples wanted since then. */
  public LearnerTally fullSince(long time) {
    return new LearnerTally(surplusQueries, surplusKeys, time, failures);
  }

  /** With one failure more. */
  public LearnerTally failedAgain() {
    return new LearnerTally(surplusQueries, surplusKeys, fullSince, failures + 1);
  }
}
