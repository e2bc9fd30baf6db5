// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

import java.time.Duration;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** Sets the buffer timeout of records that are not urgent: refused records, samples, sets. */
public final class BatchedOutput {

  /** Flink's default. */
  private static final Duration WAIT = Duration.ofMillis(100);

  private BatchedOutput() {}

  /**
   * Batches records that go to the same subtask, even if the job has a short buffer timeout. A
   * thread wakes up for each output channel after every timeout, so short timeouts are expensive.
   *
   * @param operator operator whose output is batched; records to chained operators are not
   * @return the same operator
   */
  public static <T> SingleOutputStreamOperator<T> batched(SingleOutputStreamOperator<T> operator) {
    return operator.setBufferTimeout(WAIT.toMillis());
  }
}
