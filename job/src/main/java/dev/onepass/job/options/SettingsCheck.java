package dev.onepass.job.options;

import static dev.onepass.job.options.OnepassOptions.HEAD;
import static dev.onepass.job.options.OnepassOptions.KAFKA_PROPERTIES;

import dev.onepass.operators.SequenceOptions;
import dev.onepass.sketch.SketchConfig;
import dev.onepass.sketch.SketchFamilies;
import dev.onepass.sketch.SketchFamily;
import dev.onepass.sketch.sequence.HeadSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;

/** Turns options into {@link JobSettings}, or lists everything that is wrong with them at once. */
public final class SettingsCheck {

  private static final Set<String> HEAD_OPTIONS =
      Set.of("key-dim", "value-dim", "scale", "state-size");

  /** Options that have a place already but no feature behind it. */
  private static final List<ConfigOption<?>> NOT_BUILT =
      List.of(
          OnepassOptions.ORDER_LATENESS,
          OnepassOptions.ORDER_IDLENESS,
          OnepassOptions.ANCHORS_FILE,
          OnepassOptions.ANCHORS_COUNT,
          OnepassOptions.ANCHORS_KEEP,
          OnepassOptions.DECAY_HALF_LIFE,
          OnepassOptions.SHARDS_SEQUENCES,
          OnepassOptions.ONEPASS_FORM,
          OnepassOptions.ONEPASS_RECOVER_K,
          OnepassOptions.ONEPASS_EPS1,
          OnepassOptions.ONEPASS_EPS2);

  private final Map<String, String> options;
  private final Configuration config;
  private final List<String> problems = new ArrayList<>();

  private SettingsCheck(Map<String, String> options) {
    this.options = options;
    this.config = Configuration.fromMap(options);
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
    String servers = required(OnepassOptions.BOOTSTRAP_SERVERS);
    OnepassOptions.Guarantee guarantee = value(OnepassOptions.DELIVERY_GUARANTEE);
    String prefix = config.get(OnepassOptions.TRANSACTIONAL_ID_PREFIX);
    if (guarantee == OnepassOptions.Guarantee.EXACTLY_ONCE
        && (prefix == null || prefix.isBlank())) {
      problems.add(
          "kafka.transactional-id-prefix is missing: exactly-once needs one; set a name that no other job on these brokers uses and that stays the same");
    }
    Duration transactionTimeout = positive(OnepassOptions.TRANSACTION_TIMEOUT);
    int maxVectors = value(OnepassOptions.QUERY_MAX_VECTORS, n -> n >= 1, "must be 1 or more");
    JobSettings.Topics topics = topics();
    SequenceOptions sequences =
        new SequenceOptions(
            heads(),
            positive(OnepassOptions.AS_OF_TIMEOUT),
            value(OnepassOptions.AS_OF_MAX_WAITING, n -> n >= 0, "must be 0 or more"),
            positive(OnepassOptions.STATE_TTL));
    if (!problems.isEmpty()) {
      throw new OptionsException(problems);
    }
    return new JobSettings(
        servers,
        kafkaProperties(),
        guarantee,
        prefix,
        transactionTimeout,
        topics,
        maxVectors,
        sequences);
  }

  private void refuseUnknown() {
    Set<String> known =
        OnepassOptions.all().stream().map(ConfigOption::key).collect(Collectors.toSet());
    for (String name : options.keySet()) {
      if (!known.contains(name) && !name.startsWith(KAFKA_PROPERTIES) && !name.startsWith(HEAD)) {
        problems.add(
            name
                + " is not an option of Onepass; Flink's own settings (parallelism, checkpoints, state backend) go to flink run -D"
                + name
                + "=...");
      }
    }
  }

  private void refuseNotBuilt() {
    for (ConfigOption<?> option : NOT_BUILT) {
      if (options.containsKey(option.key())) {
        problems.add(option.key() + " is not built yet; leave it out");
      }
    }
    only(OnepassOptions.RECORDS_FORMAT, "json", "protobuf");
    only(OnepassOptions.ORDER_MODE, "arrival", "event-time");
    Integer shards = value(OnepassOptions.SHARDS_COUNT);
    if (shards != null && shards != 1) {
      problems.add("shards.count above 1 is not built yet; leave it out");
    }
  }

  private void only(ConfigOption<String> option, String built, String planned) {
    String value = config.get(option);
    if (value.equals(planned)) {
      problems.add("%s: %s is not built yet; set %s".formatted(option.key(), planned, built));
    } else if (!value.equals(built)) {
      problems.add("%s: '%s' is not known; set %s".formatted(option.key(), value, built));
    }
  }

  private JobSettings.Topics topics() {
    JobSettings.Topics topics =
        new JobSettings.Topics(
            config.get(OnepassOptions.TOPIC_TOKENS),
            config.get(OnepassOptions.TOPIC_QUERIES),
            config.get(OnepassOptions.TOPIC_OUTPUTS),
            config.get(OnepassOptions.TOPIC_DEAD_LETTERS));
    List<String> all =
        List.of(topics.tokens(), topics.queries(), topics.outputs(), topics.deadLetters());
    if (new LinkedHashSet<>(all).size() < all.size()) {
      problems.add("topics.tokens, .queries, .outputs and .dead-letters must all differ: " + all);
    }
    return topics;
  }

  private Properties kafkaProperties() {
    Properties properties = new Properties();
    options.forEach(
        (name, value) -> {
          if (name.startsWith(KAFKA_PROPERTIES)) {
            properties.setProperty(name.substring(KAFKA_PROPERTIES.length()), value);
          }
        });
    return properties;
  }

  private List<HeadSpec> heads() {
    List<String> names =
        Arrays.stream(config.get(OnepassOptions.HEADS).split(",", -1)).map(String::trim).toList();
    if (names.stream().anyMatch(String::isBlank)) {
      problems.add("heads names a head without a name; write for example heads: a,b");
      return List.of();
    }
    if (new LinkedHashSet<>(names).size() < names.size()) {
      problems.add("heads names a head twice: " + names);
      return List.of();
    }
    refuseUnknownHeads(names);
    Optional<SketchFamily> family = family();
    List<HeadSpec> heads = new ArrayList<>();
    for (String name : names) {
      family.flatMap(known -> head(name, known)).ifPresent(heads::add);
    }
    return heads;
  }

  private void refuseUnknownHeads(List<String> names) {
    for (String option : options.keySet()) {
      if (option.startsWith(HEAD)) {
        int dot = option.lastIndexOf('.');
        String name = dot > HEAD.length() ? option.substring(HEAD.length(), dot) : "";
        if (!names.contains(name)) {
          problems.add("%s: head '%s' is not declared; add it to heads".formatted(option, name));
        } else if (!HEAD_OPTIONS.contains(option.substring(dot + 1))) {
          problems.add(
              option + " is not known; a head has key-dim, value-dim, scale and state-size");
        }
      }
    }
  }

  private Optional<SketchFamily> family() {
    String type = config.get(OnepassOptions.SKETCH_TYPE);
    Optional<SketchFamily> family = SketchFamilies.byName(type);
    if (family.isEmpty()) {
      String known =
          SketchFamilies.all().stream().map(SketchFamily::name).collect(Collectors.joining(" or "));
      boolean planned = Set.of("hybrid", "anchors", "cluster", "onepass").contains(type);
      problems.add(
          "sketch.type: '%s' is not %s; set %s"
              .formatted(type, planned ? "built yet" : "known", known));
    }
    return family;
  }

  private Optional<HeadSpec> head(String name, SketchFamily family) {
    int before = problems.size();
    Integer keyDim = headNumber(name, "key-dim", OnepassOptions.KEY_DIM);
    Integer valueDim = headNumber(name, "value-dim", OnepassOptions.VALUE_DIM);
    if (keyDim == null && problems.size() == before) {
      problems.add(
          "sketch.key-dim is missing: set the length of keys, or %s%s.key-dim for this head alone"
              .formatted(HEAD, name));
    }
    Double scale = scale(name);
    Integer stateSize = stateSize(name);
    Integer cutSize = value(OnepassOptions.CUT_SIZE, n -> n >= 0, "must be 0 or more");
    Double logitBound = value(OnepassOptions.ONEPASS_LOGIT_BOUND);
    Double tolerance = value(OnepassOptions.ONEPASS_TOLERANCE);
    Long seed = value(OnepassOptions.SEED);
    if (problems.size() > before) {
      return Optional.empty();
    }
    Map<String, String> parameters = new HashMap<>();
    parameters.put(OnepassOptions.ONEPASS_LOGIT_BOUND.key(), logitBound.toString());
    parameters.put(OnepassOptions.ONEPASS_TOLERANCE.key(), tolerance.toString());
    try {
      HeadSpec spec =
          new HeadSpec(
              name,
              keyDim,
              valueDim == null ? keyDim : valueDim,
              scale == null ? 1 / Math.sqrt(keyDim) : scale,
              stateSize,
              cutSize,
              family,
              seed,
              parameters);
      spec.check();
      return Optional.of(spec);
    } catch (IllegalArgumentException e) {
      problems.add("head " + name + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  private Integer headNumber(String head, String name, ConfigOption<Integer> common) {
    String option = HEAD + head + "." + name;
    String text = options.get(option);
    Integer number;
    if (text == null) {
      option = common.key();
      number = value(common);
    } else {
      try {
        number = Integer.valueOf(text.trim());
      } catch (NumberFormatException e) {
        problems.add(option + " must be a whole number, not '" + text + "'");
        return null;
      }
    }
    if (number != null && (number < 1 || number > SketchConfig.MAX_DIM)) {
      problems.add("%s must lie in 1..%d, not %d".formatted(option, SketchConfig.MAX_DIM, number));
      return null;
    }
    return number;
  }

  private Double scale(String head) {
    String option = HEAD + head + ".scale";
    String text = options.get(option);
    if (text == null) {
      return value(OnepassOptions.SCALE);
    }
    try {
      return Double.valueOf(text.trim());
    } catch (NumberFormatException e) {
      problems.add(option + " must be a number, not '" + text + "'");
      return null;
    }
  }

  private Integer stateSize(String head) {
    String option = HEAD + head + ".state-size";
    String text = options.get(option);
    if (text == null) {
      option = OnepassOptions.STATE_SIZE.key();
      text = config.get(OnepassOptions.STATE_SIZE);
    }
    try {
      return ByteSize.parse(text);
    } catch (IllegalArgumentException e) {
      problems.add(option + ": " + e.getMessage());
      return null;
    }
  }

  private String required(ConfigOption<String> option) {
    String value = config.get(option);
    if (value == null || value.isBlank()) {
      problems.add(option.key() + " is missing: set the brokers, host:port, separated by commas");
    }
    return value;
  }

  private Duration positive(ConfigOption<Duration> option) {
    return value(option, time -> time.toMillis() > 0, "must be longer than nothing");
  }

  private <T> T value(ConfigOption<T> option, Predicate<T> rule, String sentence) {
    T value = value(option);
    if (value != null && !rule.test(value)) {
      complain(option.key() + " " + sentence + ", not " + value);
      return option.defaultValue();
    }
    return value;
  }

  private <T> T value(ConfigOption<T> option) {
    try {
      return config.get(option);
    } catch (IllegalArgumentException e) {
      complain(
          "%s: '%s' is not understood: %s"
              .formatted(option.key(), options.get(option.key()), rootMessage(e)));
      return option.defaultValue();
    }
  }

  /** Options shared by several heads are read for each of them and complained about once. */
  private void complain(String problem) {
    if (!problems.contains(problem)) {
      problems.add(problem);
    }
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage();
  }
}
