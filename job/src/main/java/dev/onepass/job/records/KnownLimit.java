// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.records;

import dev.onepass.operators.event.RawRecord;

/**
 * A gate with a known size limit.
 *
 * @param limit maximum size in bytes, including overhead
 */
record KnownLimit(int limit) implements TopicGate {

  @Override
  public Verdict judge(RawRecord record) {
    return RecordLimit.bytes(record) <= limit ? Verdict.PASSES : Verdict.TOO_LARGE;
  }

  @Override
  public boolean isKnown() {
    return true;
  }

  @Override
  public void close() {}
}
