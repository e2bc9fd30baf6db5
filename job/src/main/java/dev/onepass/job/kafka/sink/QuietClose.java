package dev.onepass.job.kafka.sink;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what the connector opened. A failure there is logged and not thrown: whatever had to be on
 * the brokers was flushed and checked before, and Flink ends the whole task manager, with all other
 * jobs on it, when a task that has failed fails once more while it is closed.
 */
final class QuietClose {

  private static final Logger LOG = LoggerFactory.getLogger(QuietClose.class);

  private QuietClose() {}

  /**
   * Closes something.
   *
   * @param name what it is, for the log
   */
  static void close(String name, AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.warn(
          "{} could not be closed cleanly ({}); nothing is lost by that, the brokers end what it left open after kafka.transaction-timeout at the latest",
          name,
          e.toString());
    }
  }
}
