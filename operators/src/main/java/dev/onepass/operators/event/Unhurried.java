package dev.onepass.operators.event;

import java.time.Duration;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** What is handed to other tasks without anybody waiting for it: refused records, samples, sets. */
public final class Unhurried {

  /** Flink's own default. */
  private static final Duration WAIT = Duration.ofMillis(100);

  private Unhurried() {}

  /**
   * Lets records wait for others that go the same way, however short the job's buffer timeout is:
   * for each way there is, full or empty, a thread of its own wakes up after every timeout.
   *
   * @param operator what it hands to operators that are chained to it does not wait
   */
  public static <T> SingleOutputStreamOperator<T> unhurried(
      SingleOutputStreamOperator<T> operator) {
    return operator.setBufferTimeout(WAIT.toMillis());
  }
}
