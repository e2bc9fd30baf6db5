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
 * Works out in the background what folds and answers need: what is derived from an anchor set takes
 * seconds, and the task thread has records and barriers to attend to. Owned by one subtask, which
 * closes it; closing interrupts the work.
 */
final class Preparations implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Preparations.class);

  /** Longer than an event that waits for its turn goes without being looked after. */
  private static final Duration KEPT = Duration.ofSeconds(2);

  private final ExecutorService worker;

  /** By what is prepared: a few for each set of each head. */
  private final Map<Object, Work> begun = new HashMap<>();

  /** Does the work on a thread of this executor, which is closed with it. */
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
   * A preparation, begun. Its result is kept in memory as long as the preparation is referenced.
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
        // It may be a while until somebody asks for the result.
        LOG.warn("cannot prepare {}; it is tried again when it is needed", preparation.key(), e);
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
   * Begins the work unless it is under way.
   *
   * @throws PreparationException if it was begun before and has failed; the next call begins it
   *     again
   */
  void request(Preparation preparation) throws PreparationException {
    Work work = begin(preparation);
    if (work.future.isDone()) {
      begun.remove(preparation.key());
      work.result();
    }
  }

  /**
   * Waits for the work, which is begun unless it is under way.
   *
   * @throws PreparationException if it fails; the next call begins it again
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

  /** Returns whether the work was begun and is not done. */
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

  /** Lets go of results that those who waited for them have had time to use. */
  void release() {
    begun.values().removeIf(Work::isUsedUp);
  }

  @Override
  public void close() {
    worker.shutdownNow();
  }
}
