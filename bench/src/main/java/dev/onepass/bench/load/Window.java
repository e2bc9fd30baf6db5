package dev.onepass.bench.load;

/**
 * The part of a run that is measured: begun when the first {@value #SKIPPED} of the tokens are
 * consumed, so that neither the start of the job nor sequences in exact mode count, and ended with
 * the last token.
 */
public final class Window {

  /** Share of the tokens that is consumed before the clock starts. */
  static final double SKIPPED = 0.4;

  private final long begin;
  private long firstCount;
  private long firstNanos;

  public Window(long tokens) {
    begin = (long) (SKIPPED * tokens);
  }

  /** Told again and again how many tokens were consumed by now. */
  public void at(long count, long nanos) {
    if (firstNanos == 0 && count >= begin) {
      firstCount = count;
      firstNanos = nanos;
    }
  }

  /** Tokens per second up to the last token. */
  public double rate(long count, long nanos) {
    return (count - firstCount) * 1e9 / (nanos - firstNanos);
  }
}
