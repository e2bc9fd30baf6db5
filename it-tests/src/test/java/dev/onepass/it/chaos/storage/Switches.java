// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Switches by which a test controls the file systems of Flink's processes. Each switch is a file in
 * a folder that all of them see.
 */
public final class Switches {

  /** Limit after which a checkpoint completes anyway, in case the test has ended. */
  private static final Duration LONGEST_HOLD = Duration.ofSeconds(20);

  private final Path full;
  private final Path hold;
  private final Path held;

  /**
   * Uses the switches of a folder.
   *
   * @param folder a folder that exists
   */
  public Switches(Path folder) {
    full = folder.resolve("full");
    hold = folder.resolve("hold");
    held = folder.resolve("held");
  }

  /** Makes all writes fail with "No space left on device", until {@link #free()}. */
  public void fill() throws IOException {
    Files.createFile(full);
  }

  /** Lets writes succeed again. */
  public void free() throws IOException {
    Files.deleteIfExists(full);
  }

  boolean isFull() {
    return Files.exists(full);
  }

  /** Holds back the next checkpoint once it is written, before Flink counts it as completed. */
  public void holdCheckpoint() throws IOException {
    Files.deleteIfExists(held);
    Files.createFile(hold);
  }

  /** Tells whether a checkpoint is held back. */
  public boolean isHeld() {
    return Files.exists(held);
  }

  /** Lets the held checkpoint and all later ones complete. */
  public void letGo() throws IOException {
    Files.deleteIfExists(hold);
  }

  /** Waits while checkpoints are held back. */
  void awaitLetGo() throws IOException {
    long deadline = System.nanoTime() + LONGEST_HOLD.toNanos();
    while (Files.exists(hold) && System.nanoTime() < deadline) {
      if (!isHeld()) {
        Files.createFile(held);
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while a checkpoint was held", e);
      }
    }
  }
}
