// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import dev.onepass.job.format.RecordFormat;
import dev.onepass.operators.accuracy.ShadowSampling;
import dev.onepass.operators.sequence.SequenceOptions;
import dev.onepass.operators.sequence.waiting.WaitingLimits;
import dev.onepass.sketch.sequence.HeadSpec;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.flink.configuration.ConfigOption;

/** Turns options into {@link JobSettings}, or lists all their problems at once. */
public final class SettingsReader {

  private static final Pattern SERVER = Pattern.compile("[^\\s@]+:[0-9]{1,5}");

  /** Topic names that Kafka accepts. */
  private static final Pattern TOPIC = Pattern.compile("(?!\\.\\.?$)[a-zA-Z0-9._-]{1,249}");

  /** Kafka keeps the timeout in milliseconds, in an int. */
  private static final Duration LONGEST_TRANSACTION = Duration.ofDays(24);

  /** Each query of a measured sequence reads all tokens of its shadow. */
  private static final int MOST_SHADOW_TOKENS = 1 << 20;

  /** A record has fewer bytes than this times the size of a vector. */
  private static final int MOST_QUERY_VECTORS = 1 << 20;

  /** Each waiting query keeps its record in state and is checked when a token arrives. */
  private static final int MOST_WAITING = 100_000;

  /** Kafka's protocol limits the length of transactional ids. */
  private static final int LONGEST_PREFIX = 200;

  private final OptionValues values;

  private SettingsReader(Map<String, String> options) {
    values = new OptionValues(options);
  }

  /**
   * Reads and checks options.
   *
   * @param options flat names and values
   * @throws OptionsException with everything that is wrong or missing, and what to set
   */
  public static JobSettings read(Map<String, String> options) {
    return new SettingsReader(options).settings();
  }

  private JobSettings settings() {
    refuseUnknown();
    String servers = servers();
    OnepassOptions.Guarantee guarantee = values.of(OnepassOptions.DELIVERY_GUARANTEE);
    Properties kafkaProperties = new KafkaPropertiesReader(values).properties(guarantee);
    String prefix = values.of(OnepassOptions.TRANSACTIONAL_ID_PREFIX);
    if (guarantee == OnepassOptions.Guarantee.EXACTLY_ONCE && prefix == null) {
      values.complainMissing(
          OnepassOptions.TRANSACTIONAL_ID_PREFIX,
          "exactly-once requires it; set a prefix that no other job on these brokers uses, and do not change it later");
    }
    if (prefix != null && prefix.length() > LONGEST_PREFIX) {
      values.complain(
          "kafka.transactional-id-prefix must have at most %d characters, not %d"
              .formatted(LONGEST_PREFIX, prefix.length()));
    }
    Duration transactionTimeout =
        values.time(OnepassOptions.TRANSACTION_TIMEOUT, LONGEST_TRANSACTION);
    OnepassOptions.LostRecords lostRecords = values.of(OnepassOptions.LOST_RECORDS);
    RecordFormat format = values.of(OnepassOptions.RECORDS_FORMAT);
    int maxVectors = values.whole(OnepassOptions.QUERY_MAX_VECTORS, 1, MOST_QUERY_VECTORS);
    JobSettings.Topics topics = topics();
    List<HeadSpec> heads = new HeadsReader(values).heads();
    OrderReader order = new OrderReader(values, heads);
    SequenceOptions sequences =
        new SequenceOptions(
            heads,
            values.time(OnepassOptions.AS_OF_TIMEOUT),
            waiting(),
            values.time(OnepassOptions.STATE_TTL),
            new AnchorsReader(values).anchors(heads),
            new ShardsReader(values).sharding(heads),
            values.size(OnepassOptions.STATE_CACHE),
            shadows(),
            order.eventTime(),
            order.ahead());
    new SizesCheck(values).check(sequences, maxVectors);
    if (!values.problems().isEmpty()) {
      throw new OptionsException(values.problems());
    }
    return new JobSettings(
        servers,
        kafkaProperties,
        guarantee,
        prefix,
        transactionTimeout,
        lostRecords,
        topics,
        format,
        maxVectors,
        sequences,
        new InForce(values, heads).lines(),
        values.warnings());
  }

  private WaitingLimits waiting() {
    return new WaitingLimits(
        values.whole(OnepassOptions.AS_OF_MAX_WAITING, 0, MOST_WAITING),
        values.size(OnepassOptions.AS_OF_MAX_BYTES),
        values.size(OnepassOptions.AS_OF_MAX_TASK_BYTES));
  }

  private ShadowSampling shadows() {
    return new ShadowSampling(
        values.whole(OnepassOptions.SHADOW_ONE_IN, 0, Integer.MAX_VALUE),
        values.whole(OnepassOptions.SHADOW_TOKENS, 1, MOST_SHADOW_TOKENS));
  }

  private void refuseUnknown() {
    for (String name : values.given().keySet()) {
      if (!OnepassOptions.isKnown(name)) {
        values.complain(unknown(name));
      }
    }
  }

  private static String unknown(String name) {
    for (ConfigOption<?> option : OnepassOptions.all()) {
      if (name.startsWith(option.key() + ".")) {
        return "%s takes a value, not a map of options, but %s is set; write %s: VALUE"
            .formatted(option.key(), Shown.name(name), option.key());
      }
    }
    String shown = Shown.name(name);
    return shown
        + " is not an option of Onepass; correct or remove it. Set Flink's own settings (parallelism, checkpoints, state backend) with flink run -D"
        + (shown.equals(name) ? name : "NAME")
        + "=...";
  }

  private String servers() {
    String option = OnepassOptions.BOOTSTRAP_SERVERS.key();
    String servers = values.of(OnepassOptions.BOOTSTRAP_SERVERS);
    if (servers == null) {
      values.complainMissing(
          OnepassOptions.BOOTSTRAP_SERVERS, "set the brokers as host:port, separated by commas");
      return servers;
    }
    for (String server : servers.split(",", -1)) {
      if (!isServer(server.trim())) {
        values.complain(
            "%s: %s is not a broker address; set host:port, separated by commas"
                .formatted(option, Shown.quoted(server)));
      }
    }
    return servers;
  }

  private static boolean isServer(String server) {
    int port = server.lastIndexOf(':') + 1;
    return SERVER.matcher(server).matches() && Integer.parseInt(server.substring(port)) <= 65_535;
  }

  private JobSettings.Topics topics() {
    List<ConfigOption<String>> options =
        List.of(
            OnepassOptions.TOPIC_TOKENS,
            OnepassOptions.TOPIC_QUERIES,
            OnepassOptions.TOPIC_OUTPUTS,
            OnepassOptions.TOPIC_DEAD_LETTERS,
            OnepassOptions.TOPIC_ANCHORS);
    Set<String> names = new HashSet<>();
    for (ConfigOption<String> option : options) {
      String name = values.of(option);
      if (!TOPIC.matcher(name).matches()) {
        values.complain(
            "%s: %s is not a valid topic name; use at most 249 letters, digits, '.', '_' and '-'"
                .formatted(option.key(), Shown.quoted(name)));
      } else if (!names.add(name)) {
        values.complain(
            "%s: '%s' is already the name of another topic; set a different name"
                .formatted(option.key(), name));
      }
    }
    return new JobSettings.Topics(
        values.of(OnepassOptions.TOPIC_TOKENS),
        values.of(OnepassOptions.TOPIC_QUERIES),
        values.of(OnepassOptions.TOPIC_OUTPUTS),
        values.of(OnepassOptions.TOPIC_DEAD_LETTERS),
        values.of(OnepassOptions.TOPIC_ANCHORS));
  }
}
