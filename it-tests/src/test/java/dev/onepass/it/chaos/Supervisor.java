// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos;

import dev.onepass.testkit.process.ChildProcess;
import dev.onepass.testkit.process.FlinkProcesses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Keeps task managers running: restarts those that end, like {@code restart: unless-stopped}. */
final class Supervisor implements AutoCloseable {

  private static final Duration EVERY = Duration.ofMillis(100);

  private final FlinkProcesses flink;
  private final int count;
  private final Set<ChildProcess> known = new HashSet<>();
  private final CompletableFuture<Void> watching;
  private boolean down;
  private int ended;
  private volatile boolean closed;

  /** Starts task managers on a cluster that has none yet. */
  Supervisor(FlinkProcesses flink, int count) {
    this.flink = flink;
    this.count = count;
    watching = Background.run("chaos-supervisor", this::watch);
  }

  int count() {
    return count;
  }

  /** Kills task managers, all at the same moment, and leaves them down. */
  synchronized void kill(int howMany) {
    down = true;
    List<ChildProcess> chosen = flink.aliveTaskManagers().subList(0, howMany);
    // All signals are sent first, so that no task manager notices the loss of another.
    chosen.forEach(ChildProcess::beginKill);
    chosen.forEach(ChildProcess::kill);
    known.removeAll(chosen);
  }

  /** Restarts the task managers that were killed. */
  synchronized void startAgain() {
    down = false;
  }

  /** Returns how many task managers have ended by themselves. */
  synchronized int ended() {
    return ended;
  }

  private void watch() {
    while (!closed) {
      try {
        look();
        TimeUnit.NANOSECONDS.sleep(EVERY.toNanos());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private synchronized void look() throws IOException {
    List<ChildProcess> alive = flink.aliveTaskManagers();
    int before = known.size();
    known.retainAll(alive);
    ended += before - known.size();
    for (int i = known.size(); i < count && !down; i++) {
      known.add(flink.startTaskManager());
    }
  }

  @Override
  public void close() throws Exception {
    closed = true;
    watching.get(10, TimeUnit.SECONDS);
  }
}
