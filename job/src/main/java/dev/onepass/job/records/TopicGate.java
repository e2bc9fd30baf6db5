package dev.onepass.job.records;

import dev.onepass.operators.event.RawRecord;
import java.io.IOException;

/**
 * Decides, record by record, what may go to the sink. A record that the brokers refuse of the sink
 * restarts the job, and would do so for ever.
 */
public interface TopicGate extends AutoCloseable {

  /** What becomes of a record. */
  enum Verdict {
    /** The brokers take it of the sink. */
    PASSES,
    /** The brokers have it already; the sink must not write it again. */
    WRITTEN,
    /** The brokers refuse it for its size. */
    TOO_LARGE,
    /** The brokers refuse it because the topic is compacted and the record has no key. */
    KEY_MISSING
  }

  /**
   * Judges a record.
   *
   * @throws IOException if the brokers had to be asked and did not answer in time, with a sentence
   *     that says so
   * @throws InterruptedException if the task is cancelled meanwhile
   */
  Verdict judge(RawRecord record) throws IOException, InterruptedException;

  /**
   * Returns the bytes, counted as in {@link RecordLimit#bytes(RawRecord)}, to cut a record to that
   * is too large. If the limit is not known, the cut record may be too large again; this value is
   * then less than before.
   */
  int limit();

  /** Returns whether {@link #limit()} is what the brokers take, and not a guess. */
  boolean isKnown();

  /** Ends what was opened. Does not wait. */
  @Override
  void close();
}
