// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.sink;

import dev.onepass.operators.metrics.OnepassMetrics;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out, for each transaction that the brokers did not commit, whether they had committed it
 * before (the usual case after a failure) or have aborted it, so that its answers are lost. Counts
 * lost answers, and logs the command that sends their queries again.
 *
 * <p>Works on a separate thread, since the brokers may take long.
 */
final class RefusedTransactions implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RefusedTransactions.class);
  private static final int MOST_WAITING = 1_000;

  private final Visibility visibility;
  private final Counter lostTransactions;
  private final Counter lostAnswers;
  private final ThreadPoolExecutor thread;

  /**
   * @param visibility tells whether readers see a record
   * @param operator metrics of the committer
   */
  RefusedTransactions(Visibility visibility, MetricGroup operator) {
    this.visibility = visibility;
    MetricGroup metrics = OnepassMetrics.group(operator);
    lostTransactions = metrics.counter("lostTransactions", new ThreadSafeSimpleCounter());
    lostAnswers = metrics.counter("lostAnswers", new ThreadSafeSimpleCounter());
    thread =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            work -> {
              Thread made = new Thread(work, "onepass-refused-transactions");
              made.setDaemon(true);
              return made;
            },
            (work, executor) ->
                ((Check) work).giveUp("too many other transactions are being checked"));
    thread.allowCoreThreadTimeOut(true);
  }

  /** Checks a transaction later. */
  void add(Transaction transaction) {
    thread.execute(new Check(transaction));
  }

  /** Ends all checks. */
  @Override
  public void close() {
    for (Runnable work : thread.shutdownNow()) {
      ((Check) work).giveUp("the task ended first");
    }
  }

  private final class Check implements Runnable {

    private final String id;
    private final Contents contents;

    Check(Transaction transaction) {
      id = transaction.id();
      contents = transaction.contents();
    }

    @Override
    public void run() {
      if (contents.place() == null) {
        giveUp("its checkpoint does not record its contents");
        return;
      }
      try {
        switch (visibility.look(contents.place())) {
          case VISIBLE ->
              LOG.info(
                  "Transaction {} was already committed. Ignore Flink's warning about likely data loss.",
                  id);
          case HIDDEN -> lost();
          case UNKNOWN -> giveUp(contents.place() + " can no longer be read");
        }
      } catch (InterruptedException e) {
        giveUp("the task ended first");
      } catch (RuntimeException e) {
        giveUp(e.toString());
      }
    }

    private void lost() {
      lostTransactions.inc();
      lostAnswers.inc(contents.answers());
      LOG.warn(
          "Transaction {} was aborted before its commit, because the job was down for longer than kafka.transaction-timeout. {} answers and {} dead letters are lost. {}",
          id,
          contents.answers(),
          contents.letters(),
          cure());
    }

    /** Logs that the outcome is not known. */
    void giveUp(String reason) {
      LOG.warn(
          "The brokers did not commit transaction {}, and it is not known whether they had committed it before ({}). If not, {} answers and {} dead letters are lost. {}",
          id,
          reason,
          contents.answers(),
          contents.letters(),
          cure());
    }

    private String cure() {
      return contents.queries().partitions().isEmpty()
          ? "The queries of its answers are not known."
          : "Send unanswered queries again: java -cp \"onepass-job.jar:$FLINK_HOME/lib/*\" dev.onepass.job.cli.AskAgain --config job.yaml "
              + contents.queries().arguments();
    }
  }
}
