// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.records;

import dev.onepass.operators.event.RawRecord;
import java.io.IOException;

/**
 * Decides which records may go to the sink. If the brokers refused a record of the sink, the job
 * would restart again and again.
 */
public interface TopicGate extends AutoCloseable {

  /** The decision about a record. */
  enum Verdict {
    /** The brokers will accept the record. */
    PASSES,
    /** The brokers already have the record; the sink must not write it again. */
    WRITTEN,
    /** The brokers refuse the record because of its size. */
    TOO_LARGE,
    /** The brokers refuse the record because it has no key and the topic is compacted. */
    KEY_MISSING
  }

  /**
   * Judges a record.
   *
   * @throws IOException if a trial was necessary and the brokers did not answer in time
   * @throws InterruptedException if the task is cancelled
   */
  Verdict judge(RawRecord record) throws IOException, InterruptedException;

  /**
   * Returns the size to which to cut a record that is too large, in bytes as {@link
   * RecordLimit#bytes(RawRecord)} counts them. If the limit is not known, the cut record may still
   * be too large; the next value is then smaller.
   */
  int limit();

  /** Returns whether {@link #limit()} is the brokers' limit, and not a guess. */
  boolean isKnown();

  /** Closes the gate without waiting. */
  @Override
  void close();
}
