// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.load;

/**
 * The measured part of a run. It begins when the share {@value #SKIPPED} of the tokens is consumed,
 * which excludes the start of the job and sequences in exact mode, and ends with the last token.
 */
public final class Window {

  /** Share of the tokens that are consumed before the measurement. */
  static final double SKIPPED = 0.4;

  private final long begin;
  private long firstCount;
  private long firstNanos;

  public Window(long tokens) {
    begin = (long) (SKIPPED * tokens);
  }

  /** Updates the number of consumed tokens. Call it frequently. */
  public void at(long count, long nanos) {
    if (firstNanos == 0 && count >= begin) {
      firstCount = count;
      firstNanos = nanos;
    }
  }

  /** Returns the tokens per second up to the last token. */
  public double rate(long count, long nanos) {
    return (count - firstCount) * 1e9 / (nanos - firstNanos);
  }
}
