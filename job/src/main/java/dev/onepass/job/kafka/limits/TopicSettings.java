package dev.onepass.job.kafka.limits;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.TopicConfig;

/**
 * What brokers tell of a topic. An answer may lack anything, whether the principal may not see it
 * or the brokers are not Apache Kafka's.
 *
 * @param limit bytes of the largest batch, or nothing if that was not told
 * @param compacted whether records need a key, or nothing if that was not told
 */
record TopicSettings(OptionalInt limit, Optional<Boolean> compacted) {

  /** Nothing is known. */
  static final TopicSettings UNKNOWN = new TopicSettings(OptionalInt.empty(), Optional.empty());

  /**
   * Reads an answer.
   *
   * @param answer of the brokers, or null
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
            // A batch that is larger than a segment is refused as well.
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
