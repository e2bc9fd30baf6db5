package dev.onepass.job.kafka.limits;

import dev.onepass.job.records.RecordLimit;
import dev.onepass.job.records.TopicGate;
import dev.onepass.operators.event.RawRecord;
import java.io.IOException;
import java.util.Optional;

/**
 * A gate that goes by what the brokers tell of a topic. What they do not tell is tried: a record
 * that is larger than all that are certain to fit, and the first one without a key. The outcome is
 * remembered as long as the task runs, so few records are tried.
 */
final class BrokerGate implements TopicGate {

  private final Trial trial;
  private final boolean isKnown;

  /** Larger records are refused for certain. */
  private int most;

  /** Records that need no more are taken for certain. */
  private long fits;

  private Optional<Boolean> compacted;

  /**
   * A gate.
   *
   * @param producersLimit bytes that the producer lets through
   * @param topic what is known of the topic
   * @param trial tries what is not known
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
