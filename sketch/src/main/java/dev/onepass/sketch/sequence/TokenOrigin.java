package dev.onepass.sketch.sequence;

/**
 * Where the tokens of a sequence come from: a partition of a log, whose records are numbered by
 * offsets. It tells whether records that were lost there may have been the sequence's.
 *
 * @param partition number of the partition, or -1 where it is not known
 * @param generation how many times the log had been made anew, at most {@link #LAST_GENERATION}
 * @param since offset before which the sequence had no tokens, or -1 where that is not known
 */
public record TokenOrigin(int partition, int generation, long since) {

  /** The generation of all logs that were made anew as many times or more. */
  public static final int LAST_GENERATION = 0xffff;

  /** That of a sequence which has seen no token, or only some before this was noted. */
  public static final TokenOrigin UNKNOWN = new TokenOrigin(-1, 0, -1);

  /** Returns whether the partition is known. */
  public boolean isKnown() {
    return partition >= 0;
  }
}
