// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence;

import dev.onepass.sketch.background.Preparation;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs preparations of folds and answers in the background: results derived from an anchor set take
 * seconds, and the task thread must process records and barriers. Owned by one subtask, which
 * closes it; closing interrupts the work.
 */
final class Preparations implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Preparations.class);

  /** How long results are kept: longer than the interval at which waiting events are polled. */
  private static final Duration KEPT = Duration.ofSeconds(2);

  private final ExecutorService worker;

  /** Work by key of its preparation: a few for each set of each head. */
  private final Map<Object, Work> begun = new HashMap<>();

  /** Runs the work on an executor, which is shut down on close. */
  Preparations(ExecutorService worker) {
    this.worker = worker;
  }

  /** Returns an executor of one thread. */
  static ExecutorService oneThread() {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, "onepass-preparation");
          thread.setDaemon(true);
          return thread;
        });
  }

  /**
   * A preparation that has begun. Its result stays in memory while the preparation is referenced.
   */
  private static final class Work {
    private final Preparation preparation;
    private Future<?> future;
    private volatile long doneAt;

    Work(Preparation preparation) {
      this.preparation = preparation;
    }

    Void run() throws InterruptedException {
      try {
        preparation.run();
        return null;
      } catch (RuntimeException | Error e) {
        // The result may be requested much later.
        LOG.warn("cannot prepare {}; tries again when it is needed", preparation.key(), e);
        throw e;
      } finally {
        doneAt = System.nanoTime();
      }
    }

    boolean isUsedUp() {
      return future.isDone() && System.nanoTime() - doneAt > KEPT.toNanos() && hasSucceeded();
    }

    private boolean hasSucceeded() {
      try {
        result();
        return true;
      } catch (PreparationException failed) {
        return false;
      }
    }

    void result() throws PreparationException {
      try {
        future.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PreparationException("the task was cancelled", e);
      } catch (ExecutionException e) {
        throw new PreparationException(e.getCause().toString(), e.getCause());
      }
    }
  }

  /**
   * Begins the work unless it has begun.
   *
   * @throws PreparationException if the work has failed; the next call begins it again
   */
  void request(Preparation preparation) throws PreparationException {
    Work work = begin(preparation);
    if (work.future.isDone()) {
      begun.remove(preparation.key());
      work.result();
    }
  }

  /**
   * Begins the work unless it has begun, and waits for it.
   *
   * @throws PreparationException if the work fails; the next call begins it again
   */
  void await(Preparation preparation) throws PreparationException {
    Work work = begin(preparation);
    try {
      work.result();
    } catch (PreparationException e) {
      begun.remove(preparation.key());
      throw e;
    }
  }

  /** Returns whether the work has begun and is not done. */
  boolean isUnderWay(Preparation preparation) {
    Work work = begun.get(preparation.key());
    return work != null && !work.future.isDone();
  }

  private Work begin(Preparation preparation) {
    release();
    Work work = begun.get(preparation.key());
    if (work == null) {
      work = new Work(preparation);
      work.future = worker.submit(work::run);
      begun.put(preparation.key(), work);
    }
    return work;
  }

  /** Releases results that waiting events have had time to use. */
  void release() {
    begun.values().removeIf(Work::isUsedUp);
  }

  @Override
  public void close() {
    worker.shutdownNow();
  }
}
