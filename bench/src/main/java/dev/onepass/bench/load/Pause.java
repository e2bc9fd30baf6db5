// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.load;

import dev.onepass.testkit.embedded.FlinkJob;
import java.io.IOException;

/** Short pauses between checks of a running job. */
public final class Pause {
  private static final long MILLIS = 2;

  private Pause() {}

  /**
   * Sleeps for a moment.
   *
   * @throws IOException if the job has ended
   */
  public static void during(FlinkJob running) throws IOException {
    if (running.failure().isPresent()) {
      throw new IOException("a job ended: " + running.failure().get());
    }
    try {
      Thread.sleep(MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a job was running", e);
    }
  }
}
