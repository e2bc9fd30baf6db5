// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that {@link Processes} started. Its output goes to a file. */
public final class ChildProcess {

  private static final Duration A_MOMENT = Duration.ofSeconds(10);

  private final String name;
  private final Path log;
  private final Process process;

  ChildProcess(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
  }

  /** Returns the name of the process in this test, such as {@code taskmanager-2}. */
  public String name() {
    return name;
  }

  /** Returns whether the process runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Kills the process as {@code kill -9} does and waits until it has ended. */
  public void kill() {
    process.destroyForcibly();
    await(A_MOMENT);
  }

  /** Kills the process without waiting until it has ended. */
  public void beginKill() {
    process.destroyForcibly();
  }

  /** Pauses the process as {@code kill -STOP} does. Its sockets stay open. */
  public void pause() {
    signal("STOP");
  }

  /** Resumes the process after a {@link #pause()}. */
  public void resume() {
    signal("CONT");
  }

  private void signal(String signal) {
    try {
      Process kill =
          new ProcessBuilder("sh", "-c", "kill -" + signal + " " + process.pid()).start();
      if (kill.waitFor() != 0) {
        throw new IllegalStateException("cannot send " + signal + " to " + name);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while sending " + signal + " to " + name, e);
    }
  }

  /**
   * Waits until the process ends.
   *
   * @return its exit code
   * @throws AssertionError if it does not end in time; it is then killed
   */
  public int await(Duration patience) {
    try {
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(
            name + " did not end within " + patience.toSeconds() + " s\n" + tail(30));
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + name, e);
    }
  }

  /** Returns its output so far. */
  public String output() {
    try {
      return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the last lines of its output, below a line with its name and state. */
  public String tail(int lines) {
    List<String> all = output().lines().toList();
    String state = process.isAlive() ? "runs" : "ended with " + process.exitValue();
    return "---- %s %s, %s%n".formatted(name, state, log)
        + String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
  }
}
