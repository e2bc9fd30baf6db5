// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.latency;

import dev.onepass.testkit.embedded.FlinkJob;
import java.io.IOException;

/** Triggers checkpoints of a job in quick succession until it is closed. */
final class OftenCheckpointed implements AutoCloseable {
  private static final long PAUSE_MILLIS = 20;

  private final Thread thread = new Thread(this::run, "checkpoints");
  private final FlinkJob job;
  private volatile boolean open = true;
  private volatile Exception failure;

  OftenCheckpointed(FlinkJob job) {
    this.job = job;
    thread.start();
  }

  private void run() {
    try {
      while (open) {
        job.checkpoint();
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (Exception e) {
      failure = e;
    }
  }

  /**
   * Waits for the last checkpoint.
   *
   * @throws IOException if a checkpoint failed
   */
  void end() throws IOException {
    close();
    if (failure != null) {
      throw new IOException("a checkpoint failed: " + failure.getMessage(), failure);
    }
  }

  @Override
  public void close() {
    open = false;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
