// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.run;

import dev.onepass.testkit.files.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;

/**
 * A temporary directory, and everything that must stop before the directory is deleted. It is
 * closed once, at the end of the run or when the JVM shuts down.
 */
public final class Workspace implements AutoCloseable {
  private static final int DELETE_ATTEMPTS = 10;
  private static final long DELETE_PAUSE_MILLIS = 200;

  private final Path directory;
  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private volatile boolean closed;

  private Workspace(Path directory) {
    this.directory = directory;
  }

  /** Creates the directory and makes it the JVM's directory for temporary files. */
  public static Workspace create() throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    Path directory = Files.createDirectory(temporary.resolve("onepass-demo-" + UUID.randomUUID()));
    // Libraries unpack their native parts there.
    System.setProperty("java.io.tmpdir", directory.toString());
    Workspace workspace = new Workspace(directory);
    Runtime.getRuntime().addShutdownHook(new Thread(workspace::close, "onepass-demo-cleanup"));
    return workspace;
  }

  public Path directory() {
    return directory;
  }

  /** Returns whether the run is over, so that failures no longer need a message. */
  public boolean isClosed() {
    return closed;
  }

  /** Registers something to stop before everything that was added earlier. */
  public synchronized <T extends AutoCloseable> T add(T started) {
    if (closed) {
      stop(started);
    } else {
      running.push(started);
    }
    return started;
  }

  @Override
  public void close() {
    closed = true;
    synchronized (this) {
      while (!running.isEmpty()) {
        stop(running.pop());
      }
      delete();
    }
  }

  private static void stop(AutoCloseable started) {
    try {
      started.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      // Everything else must still be stopped.
      System.err.println("While stopping: " + e);
    }
  }

  /** Threads of libraries may still write for a moment, so a failed deletion is repeated. */
  private void delete() {
    for (int attempt = 1; ; attempt++) {
      try {
        Directories.delete(directory);
        return;
      } catch (UncheckedIOException e) {
        if (attempt == DELETE_ATTEMPTS) {
          System.err.println(
              "The directory " + directory + " could not be deleted: " + e.getMessage());
          return;
        }
      }
      try {
        Thread.sleep(DELETE_PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
