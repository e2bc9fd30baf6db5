// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import java.util.concurrent.CompletableFuture;

/** Runs work in parallel with a test, on a separate thread. */
final class Background {

  private Background() {}

  /** Starts work on a new daemon thread. The future completes or fails with the work. */
  static CompletableFuture<Void> run(String name, Runnable work) {
    return CompletableFuture.runAsync(
        work,
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          thread.start();
        });
  }
}
