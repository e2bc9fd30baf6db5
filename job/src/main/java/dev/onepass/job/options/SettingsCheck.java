package dev.onepass.job.options;

import static dev.onepass.job.options.OnepassOptions.HEAD;
import static dev.onepass.job.options.OnepassOptions.KAFKA_PROPERTIES;

import dev.onepass.job.records.RecordFormat;
import dev.onepass.operators.SequenceOptions;
import dev.onepass.operators.WaitingLimits;
import dev.onepass.operators.shadow.ShadowSampling;
import dev.onepass.sketch.sequence.HeadSpec;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;

/** Turns options into {@link JobSettings}, or lists everything that is wrong with them at once. */
public final class SettingsCheck {

  /** Options that have a place already but no feature behind it. */
  private static final List<ConfigOption<?>> NOT_BUILT = List.of(OnepassOptions.DECAY_HALF_LIFE);

  private static final Pattern SERVER = Pattern.compile("\\S+:\\d{1,5}");

  /** What Kafka takes as a topic's name. */
  private static final Pattern TOPIC = Pattern.compile("(?!\\.\\.?$)[a-zA-Z0-9._-]{1,249}");

  /** Kafka counts it in milliseconds, in an int. */
  private static final Duration LONGEST_TRANSACTION = Duration.ofDays(24);

  /** A query of a measured sequence reads them all. */
  private static final int MOST_SHADOW_TOKENS = 1 << 20;

  private final OptionValues values;

  private SettingsCheck(Map<String, String> options) {
    values = new OptionValues(options);
  }

  /**
   * Checks options.
   *
   * @param options flat names and values
   * @throws OptionsException with all that is wrong or missing, each with what to set
   */
  public static JobSettings check(Map<String, String> options) {
    return new SettingsCheck(options).settings();
  }

  private JobSettings settings() {
    refuseUnknown();
    refuseNotBuilt();
    String servers = servers();
    OnepassOptions.Guarantee guarantee = values.of(OnepassOptions.DELIVERY_GUARANTEE);
    Properties kafkaProperties = new KafkaPropertiesCheck(values).properties(guarantee);
    String prefix = values.of(OnepassOptions.TRANSACTIONAL_ID_PREFIX);
    if (guarantee == OnepassOptions.Guarantee.EXACTLY_ONCE
        && (prefix == null || prefix.isBlank())) {
      values.complain(
          "kafka.transactional-id-prefix is missing: exactly-once needs one; set a name that no other job on these brokers uses and that stays the same");
    }
    Duration transactionTimeout =
        values.time(OnepassOptions.TRANSACTION_TIMEOUT, LONGEST_TRANSACTION);
    RecordFormat format = values.of(OnepassOptions.RECORDS_FORMAT);
    Integer maxVectors =
        values.of(OnepassOptions.QUERY_MAX_VECTORS, n -> n >= 1, "must be 1 or more");
    JobSettings.Topics topics = topics();
    List<HeadSpec> heads = new HeadsCheck(values).heads();
    SequenceOptions sequences =
        new SequenceOptions(
            heads,
            values.time(OnepassOptions.AS_OF_TIMEOUT),
            WaitingLimits.ofQueries(
                values.of(OnepassOptions.AS_OF_MAX_WAITING, n -> n >= 0, "must be 0 or more")),
            values.time(OnepassOptions.STATE_TTL),
            new AnchorsCheck(values).anchors(heads),
            new ShardsCheck(values).sharding(heads),
            cacheBytes(),
            shadows(),
            new OrderCheck(values).eventTime());
    if (!values.problems().isEmpty()) {
      throw new OptionsException(values.problems());
    }
    return new JobSettings(
        servers,
        kafkaProperties,
        guarantee,
        prefix,
        transactionTimeout,
        topics,
        format,
        maxVectors,
        sequences);
  }

  private ShadowSampling shadows() {
    return new ShadowSampling(
        values.of(OnepassOptions.SHADOW_ONE_IN, n -> n >= 0, "must be 0 or more"),
        values.of(
            OnepassOptions.SHADOW_TOKENS,
            n -> n >= 1 && n <= MOST_SHADOW_TOKENS,
            "must lie between 1 and " + MOST_SHADOW_TOKENS));
  }

  private long cacheBytes() {
    String text = values.of(OnepassOptions.STATE_CACHE);
    try {
      return ByteSize.parse(text);
    } catch (IllegalArgumentException e) {
      values.complain(OnepassOptions.STATE_CACHE.key() + ": " + e.getMessage());
      return 0;
    }
  }

  private void refuseUnknown() {
    Set<String> known =
        OnepassOptions.all().stream().map(ConfigOption::key).collect(Collectors.toSet());
    for (String name : values.given().keySet()) {
      if (!known.contains(name) && !name.startsWith(KAFKA_PROPERTIES) && !name.startsWith(HEAD)) {
        values.complain(
            name
                + " is not an option of Onepass: correct it or leave it out; Flink's own settings (parallelism, checkpoints, state backend) go to flink run -D"
                + name
                + "=...");
      }
    }
  }

  private void refuseNotBuilt() {
    for (ConfigOption<?> option : NOT_BUILT) {
      if (values.isGiven(option)) {
        values.complain(option.key() + " is not built yet; leave it out");
      }
    }
  }

  private String servers() {
    String option = OnepassOptions.BOOTSTRAP_SERVERS.key();
    String servers = values.of(OnepassOptions.BOOTSTRAP_SERVERS);
    if (servers == null || servers.isBlank()) {
      values.complain(option + " is missing: set the brokers, host:port, separated by commas");
      return servers;
    }
    for (String server : servers.split(",", -1)) {
      if (!SERVER.matcher(server.trim()).matches()) {
        values.complain(
            "%s: '%s' is no broker; set host:port, separated by commas".formatted(option, server));
      }
    }
    return servers;
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
            "%s: '%s' is no name of a topic; use letters, digits, '.', '_' and '-'"
                .formatted(option.key(), name));
      } else if (!names.add(name)) {
        values.complain(
            "%s: '%s' is another topic already; set a name of its own"
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
