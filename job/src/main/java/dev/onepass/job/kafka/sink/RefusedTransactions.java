package dev.onepass.job.kafka.sink;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of each transaction that the brokers did not commit whether they had committed it before,
 * as after most failures, or have aborted it, so that its answers are lost to readers. What is lost
 * is counted, and logged with the command that asks again.
 *
 * <p>This is told on a thread of its own, since the brokers may take long.
 */
final class RefusedTransactions implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RefusedTransactions.class);
  private static final int MOST_WAITING = 1_000;

  private final Visibility visibility;
  private final Counter lostTransactions;
  private final Counter lostAnswers;
  private final ThreadPoolExecutor thread;

  /**
   * Nothing refused yet, with its metrics.
   *
   * @param operator metrics of the committer
   */
  RefusedTransactions(Visibility visibility, MetricGroup operator) {
    this.visibility = visibility;
    MetricGroup metrics = operator.addGroup("onepass");
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
            (work, executor) -> ((Check) work).giveUp("too many others are looked at"));
    thread.allowCoreThreadTimeOut(true);
  }

  /** Looks after a transaction, some time later. */
  void add(Transaction transaction) {
    thread.execute(new Check(transaction));
  }

  /** Ends what is being looked at. */
  @Override
  public void close() {
    for (Runnable work : thread.shutdownNow()) {
      ((Check) work).giveUp("the task ended before");
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
        giveUp("its checkpoint does not tell what it holds");
        return;
      }
      try {
        switch (visibility.look(contents.place())) {
          case VISIBLE ->
              LOG.info(
                  "transaction {} was committed already; Flink's warning that it most likely signals data loss is harmless here",
                  id);
          case HIDDEN -> lost();
          case UNKNOWN -> giveUp(contents.place() + " is not to be read any more");
        }
      } catch (InterruptedException e) {
        giveUp("the task ended before");
      } catch (RuntimeException e) {
        giveUp(e.toString());
      }
    }

    private void lost() {
      lostTransactions.inc();
      lostAnswers.inc(contents.answers());
      LOG.warn(
          "transaction {} was aborted before it was committed, because the job was away for longer than kafka.transaction-timeout: {} answers and {} dead letters are lost. {}",
          id,
          contents.answers(),
          contents.letters(),
          cure());
    }

    /** Says that nothing can be said. */
    void giveUp(String reason) {
      LOG.warn(
          "the brokers did not commit transaction {}, and it cannot be told whether they had committed it before ({}); if not, {} answers and {} dead letters are lost. {}",
          id,
          reason,
          contents.answers(),
          contents.letters(),
          cure());
    }

    private String cure() {
      return contents.queries().partitions().isEmpty()
          ? "It holds no answer to a query that is known"
          : "Ask those that have no answer again: java -cp \"onepass-job.jar:$FLINK_HOME/lib/*\" dev.onepass.job.cli.AskAgain --config job.yaml "
              + contents.queries().arguments();
    }
  }
}
