package dev.onepass.it.chaos.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a test tells the file systems of Flink's processes, and they tell it: files in a folder that
 * all of them see.
 */
public final class Switches {

  /** A checkpoint is held no longer, in case the test is gone. */
  private static final Duration LONGEST_HOLD = Duration.ofSeconds(20);

  private final Path full;
  private final Path hold;
  private final Path held;

  /** Those of a folder that is there. */
  public Switches(Path folder) {
    full = folder.resolve("full");
    hold = folder.resolve("hold");
    held = folder.resolve("held");
  }

  /** Leaves no space on the device, until {@link #free()}. */
  public void fill() throws IOException {
    Files.createFile(full);
  }

  /** Leaves space on the device again. */
  public void free() throws IOException {
    Files.deleteIfExists(full);
  }

  boolean isFull() {
    return Files.exists(full);
  }

  /** Holds the next checkpoint when all of it is written, before Flink takes it as completed. */
  public void holdCheckpoint() throws IOException {
    Files.deleteIfExists(held);
    Files.createFile(hold);
  }

  /** Whether a checkpoint is held. */
  public boolean isHeld() {
    return Files.exists(held);
  }

  /** Lets the checkpoint complete that is held, and all others. */
  public void letGo() throws IOException {
    Files.deleteIfExists(hold);
  }

  /** Waits while checkpoints are held. */
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
