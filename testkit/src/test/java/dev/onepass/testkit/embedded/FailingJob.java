// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.embedded;

import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** A job that fails at the number in its argument, or while it is built if it has no argument. */
public final class FailingJob {
  private FailingJob() {}

  /** Runs the job. The only argument is the number at which it fails. */
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
