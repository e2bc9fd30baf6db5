// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Durations of the stages of a run. */
public final class Stages {
  private final List<String> stages = new ArrayList<>();
  private final long startNanos = System.nanoTime();
  private long lastNanos = startNanos;

  /** Ends a stage, which began when the previous stage ended. */
  public void done(String stage) {
    long now = System.nanoTime();
    stages.add(stage + " " + seconds(now - lastNanos));
    lastNanos = now;
  }

  /** Returns the total and each stage: {@code 12.0 s: heads 8.0 s, stream 4.0 s}. */
  @Override
  public String toString() {
    return seconds(lastNanos - startNanos) + ": " + String.join(", ", stages);
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
  }
}
