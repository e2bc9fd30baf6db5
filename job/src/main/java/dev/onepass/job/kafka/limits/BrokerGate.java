// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.limits;

import dev.onepass.job.records.RecordLimit;
import dev.onepass.job.records.TopicGate;
import dev.onepass.operators.event.RawRecord;
import java.io.IOException;
import java.util.Optional;

/**
 * A gate that applies the topic's settings. If the brokers do not tell the settings, it tries
 * records: those that are larger than any accepted so far, and the first record without a key. It
 * remembers the outcome as long as the task runs, so few trials happen.
 */
final class BrokerGate implements TopicGate {

  private final Trial trial;
  private final boolean isKnown;

  /** Size above which brokers refuse records. */
  private int most;

  /** Size up to which brokers accept records. */
  private long fits;

  private Optional<Boolean> compacted;

  /**
   * @param producersLimit size limit of the producer in bytes
   * @param topic known settings of the topic
   * @param trial tries records if settings are not known
   */
  BrokerGate(int producersLimit, TopicSettings topic, Trial trial) {
    this.trial = trial;
    isKnown = topic.limit().isPresent();
    most = Math.min(producersLimit, topic.limit().orElse(Integer.MAX_VALUE));
    fits = isKnown ? most : 0;
    compacted = topic.compacted();
  }

  @Override
  public Verdict judge(RawRecord record) throws IOException, InterruptedException {
    boolean keyless = record.key() == null;
    if (RecordLimit.bytes(record) > most) {
      return Verdict.TOO_LARGE;
    }
    if (keyless && compacted.orElse(false)) {
      return Verdict.KEY_MISSING;
    }
    boolean isCertain = trial.needs(record) <= fits && (!keyless || compacted.isPresent());
    return isCertain ? Verdict.PASSES : attempt(record);
  }

  private Verdict attempt(RawRecord record) throws IOException, InterruptedException {
    Verdict verdict = trial.attempt(record);
    switch (verdict) {
      case TOO_LARGE -> {
        most = (int) RecordLimit.bytes(record) - 1;
        fits = Math.min(fits, most);
      }
      case KEY_MISSING -> compacted = Optional.of(true);
      default -> {
        fits = Math.min(most, Math.max(fits, trial.proves(record)));
        if (record.key() == null) {
          compacted = Optional.of(false);
        }
      }
    }
    return verdict;
  }

  @Override
  public int limit() {
    return (int) Math.max(fits, most / 2);
  }

  @Override
  public boolean isKnown() {
    return isKnown;
  }

  @Override
  public void close() {
    trial.close();
  }
}
