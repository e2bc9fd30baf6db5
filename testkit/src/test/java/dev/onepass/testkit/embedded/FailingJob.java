package dev.onepass.testkit.embedded;

import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** Fails at the number that its argument names, or while it is built when there is none. */
public final class FailingJob {
  private FailingJob() {}

  /** The job's main method. */
  public static void main(String[] args) throws Exception {
    if (args.length == 0) {
      throw new IllegalArgumentException("no number was given");
    }
    long number = Long.parseLong(args[0]);
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    environment
        .fromSequence(0, Long.MAX_VALUE - 1)
        .map(
            next -> {
              if (next == number) {
                throw new IllegalStateException("failed at " + number + "\non purpose");
              }
              return next;
            })
        .sinkTo(new DiscardingSink<>());
    environment.execute("failing");
  }
}
