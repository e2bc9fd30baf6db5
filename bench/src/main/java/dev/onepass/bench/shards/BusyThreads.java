package dev.onepass.bench.shards;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Looks every few milliseconds how much processor time the threads of a job have used, because a
 * thread that has ended says nothing any more. Unlike the clock, that does not depend on what else
 * the machine does.
 */
final class BusyThreads implements AutoCloseable {
  private static final int EVERY_MILLIS = 20;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final Map<Long, Long> nanos = new ConcurrentHashMap<>();
  private final String name;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  /** Looks at threads with this in their names, until it is closed. */
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

  /** Seconds that the busiest of them has used. */
  double busiest() {
    return nanos.values().stream().mapToLong(Long::longValue).max().orElse(0) / 1e9;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
