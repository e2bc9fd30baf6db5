// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.kafka.limits;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The settings of a topic. Any of them may be missing, because of missing permissions or because
 * the brokers are not Apache Kafka.
 *
 * @param limit maximum size of a batch in bytes, or empty if not known
 * @param compacted whether records need a key, or empty if not known
 */
record TopicSettings(OptionalInt limit, Optional<Boolean> compacted) {

  /** No setting is known. */
  static final TopicSettings UNKNOWN = new TopicSettings(OptionalInt.empty(), Optional.empty());

  /**
   * Returns the settings in an answer.
   *
   * @param answer answer of the brokers, or null
   */
  static TopicSettings of(Config answer) {
    if (answer == null) {
      return UNKNOWN;
    }
    OptionalLong message = bytes(answer, TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
    OptionalLong segment = bytes(answer, TopicConfig.SEGMENT_BYTES_CONFIG);
    OptionalInt limit =
        message.isEmpty()
            ? OptionalInt.empty()
            // Brokers also refuse a batch that is larger than a segment.
            : OptionalInt.of(
                (int)
                    Math.min(
                        Integer.MAX_VALUE,
                        Math.min(message.getAsLong(), segment.orElse(Long.MAX_VALUE))));
    Optional<Boolean> compacted =
        value(answer, TopicConfig.CLEANUP_POLICY_CONFIG)
            .map(policy -> policy.contains(TopicConfig.CLEANUP_POLICY_COMPACT));
    return new TopicSettings(limit, compacted);
  }

  private static OptionalLong bytes(Config answer, String name) {
    try {
      long bytes = Long.parseLong(value(answer, name).orElse("").trim());
      return bytes < 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  private static Optional<String> value(Config answer, String name) {
    return Optional.ofNullable(answer.get(name)).map(ConfigEntry::value);
  }
}
