package dev.onepass.job.records;

import dev.onepass.operators.event.RawRecord;

/**
 * A gate that knows how large a record may be.
 *
 * @param limit bytes, with everything around a record
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
