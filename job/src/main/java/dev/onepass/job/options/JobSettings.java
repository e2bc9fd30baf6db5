// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import dev.onepass.job.format.RecordFormat;
import dev.onepass.operators.sequence.SequenceOptions;
import dev.onepass.sketch.sequence.HeadSpec;
import java.time.Duration;
import java.util.List;
import java.util.Properties;

/**
 * The checked options of the job.
 *
 * @param bootstrapServers Kafka brokers
 * @param kafkaProperties properties for Kafka's clients
 * @param guarantee guarantee for answers after a failure
 * @param transactionalIdPrefix prefix of transactional ids; null if not set
 * @param transactionTimeout time after which brokers abort an open transaction
 * @param lostRecords reaction to records that were deleted before the job read them
 * @param topics names of the topics
 * @param format of tokens, queries and answers
 * @param queryMaxVectors maximum number of query vectors in one query
 * @param sequences settings of the sequences
 * @param inForce a line for each option with its value, given or default; secrets are masked
 * @param warnings messages about options that are valid but risky
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
    List<String> warnings) {

  /** Copies the lists. */
  public JobSettings {
    inForce = List.copyOf(inForce);
    warnings = List.copyOf(warnings);
  }

  /** Names of the topics. */
  public record Topics(
      String tokens, String queries, String outputs, String deadLetters, String anchors) {}

  /** Returns a line for each head that says what its configuration allows. */
  public List<String> describeHeads() {
    return sequences.heads().stream().map(HeadSpec::check).toList();
  }
}
