package dev.onepass.job.options;

import dev.onepass.job.format.RecordFormat;
import dev.onepass.operators.sequence.SequenceOptions;
import dev.onepass.sketch.sequence.HeadSpec;
import java.time.Duration;
import java.util.List;
import java.util.Properties;

/**
 * Options, checked.
 *
 * @param bootstrapServers Kafka brokers
 * @param kafkaProperties what goes to Kafka's clients as it is
 * @param guarantee what a failure may do to answers
 * @param transactionalIdPrefix begin of transactional ids; null under at-least-once
 * @param transactionTimeout how long brokers keep an open transaction
 * @param lostRecords what to do where records are gone before they are read
 * @param topics names of the topics
 * @param format of tokens, queries and answers
 * @param queryMaxVectors most vectors of one query record
 * @param sequences what the sequences' operator needs
 * @param inForce a line for each option with the value that it has, given or default; secrets are
 *     masked
 * @param unknownProperties names of {@code kafka.properties.*} that Kafka does not know
 */
public record JobSettings(
    String bootstrapServers,
    Properties kafkaProperties,
    OnepassOptions.Guarantee guarantee,
    String transactionalIdPrefix,
    Duration transactionTimeout,
    OnepassOptions.LostRecords lostRecords,
    Topics topics,
    RecordFormat format,
    int queryMaxVectors,
    SequenceOptions sequences,
    List<String> inForce,
    List<String> unknownProperties) {

  /** Copies the lists. */
  public JobSettings {
    inForce = List.copyOf(inForce);
    unknownProperties = List.copyOf(unknownProperties);
  }

  /** Names of the topics. */
  public record Topics(
      String tokens, String queries, String outputs, String deadLetters, String anchors) {}

  /** One line a head that says what its configuration buys. */
  public List<String> describeHeads() {
    return sequences.heads().stream().map(HeadSpec::check).toList();
  }
}
