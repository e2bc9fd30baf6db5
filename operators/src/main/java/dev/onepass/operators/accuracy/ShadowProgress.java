package dev.onepass.operators.accuracy;

/**
 * How far a sequence's shadow follows it.
 *
 * @param accepted tokens that the sequence had accepted
 * @param retracted tokens that had been taken back
 */
public record ShadowProgress(long accepted, long retracted) {

  /** Tokens and retractions that the shadow keeps. */
  public long entries() {
    return accepted + retracted;
  }
}
