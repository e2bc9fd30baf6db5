// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.shards;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Samples the processor time of the threads of a job every few milliseconds, because an ended
 * thread no longer reports it. Unlike elapsed time, processor time does not depend on other load of
 * the machine.
 */
final class BusyThreads implements AutoCloseable {
  private static final int EVERY_MILLIS = 20;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final Map<Long, Long> nanos = new ConcurrentHashMap<>();
  private final String name;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  /** Starts to sample threads with a text in their names, until it is closed. */
  // The future is not needed: close() stops the timer.
  @SuppressWarnings("FutureReturnValueIgnored")
  BusyThreads(String name) {
    this.name = name;
    timer.scheduleAtFixedRate(this::look, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    for (long id : threads.getAllThreadIds()) {
      var thread = threads.getThreadInfo(id);
      long used = threads.getThreadCpuTime(id);
      if (thread != null && used >= 0 && thread.getThreadName().startsWith(name)) {
        nanos.put(id, used);
      }
    }
  }

  /** Returns the seconds of processor time of the busiest thread. */
  double busiest() {
    return nanos.values().stream().mapToLong(Long::longValue).max().orElse(0) / 1e9;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
