// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.records;

import dev.onepass.operators.event.RawRecord;
import org.apache.flink.api.common.functions.RuntimeContext;

/** A topic with an unknown limit: each refusal halves the guess. */
final class FakeTopic implements RecordLimit {
  private static final long serialVersionUID = 1L;

  private final int limit;
  private final boolean isCompacted;

  public boolean isDelivering;

  public FakeTopic(int limit, boolean isCompacted) {
    this.limit = limit;
    this.isCompacted = isCompacted;
  }

  @Override
  public int bytes(String topic) {
    return 1 << 20;
  }

  @Override
  public TopicGate open(String topic, RuntimeContext context) {
    return new TopicGate() {
      private int guess = bytes(topic);

      @Override
      public Verdict judge(RawRecord record) {
        if (RecordLimit.bytes(record) > limit) {
          guess = (int) Math.min(guess, RecordLimit.bytes(record) - 1);
          return Verdict.TOO_LARGE;
        }
        if (isCompacted && record.key() == null) {
          return Verdict.KEY_MISSING;
        }
        return isDelivering ? Verdict.WRITTEN : Verdict.PASSES;
      }

      @Override
      public int limit() {
        return guess / 2;
      }

      @Override
      public boolean isKnown() {
        return false;
      }

      @Override
      public void close() {}
    };
  }
}
