// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks that every option, including future ones, refuses wrong values with a message that names
 * the option. The values of the list that are valid are listed here, so a new option accepts
 * nothing by accident.
 */
class EveryOptionTest {

  private static final List<String> WRONG =
      List.of(
          "",
          " ",
          "\t",
          "\n",
          "-",
          "x",
          "nonsense!",
          "a b",
          "null",
          "~",
          "yes",
          "no",
          "on",
          "1",
          "0",
          "-1",
          "+1",
          "30",
          "007",
          "1_000",
          "1,5",
          "0x10",
          "1e3",
          "1e999",
          "-1e999",
          "1e-999",
          "1.5",
          "NaN",
          "nan",
          ".nan",
          "Infinity",
          "-Infinity",
          ".inf",
          "2147483648",
          "-2147483649",
          "9223372036854775808",
          "99999999999999999999",
          "10 parsecs",
          "5 s junk",
          "-5 s",
          "5 S",
          "10 kb junk",
          "-1 kb",
          "999 gib",
          "99999999999999 d",
          "TRUE",
          "True",
          "truE",
          "1 ",
          "JSON",
          "EXACTLY_ONCE",
          "At-Least-Once",
          "{a: b}",
          "[a, b]",
          "a,,b",
          "a,a",
          "\u0663",
          "12abc",
          "1f",
          "1d",
          "1L",
          "P1D junk",
          "1;2");

  /** Options of free text, and the values of the list that they accept. */
  private static final Map<String, Set<String>> TEXT =
      Map.of(
          "topics.tokens", names(),
          "topics.queries", names(),
          "topics.outputs", names(),
          "topics.dead-letters", names(),
          "topics.anchors", names(),
          "heads", textBut("a,,b", "a,a"),
          "kafka.transactional-id-prefix", textBut());

  /** The values of the list that an option of a type may accept, within its range. */
  private static final Map<Class<?>, Set<String>> NUMBERS =
      Map.of(
          Integer.class, Set.of("1", "0", "1 ", "30", "-1"),
          Long.class, Set.of("1", "0", "1 ", "30", "-1", "2147483648", "-2147483649"),
          Double.class,
              Set.of(
                  "1",
                  "0",
                  "1 ",
                  "30",
                  "-1",
                  "1.5",
                  "1e3",
                  "2147483648",
                  "-2147483649",
                  "9223372036854775808",
                  "99999999999999999999"),
          Duration.class, Set.of("1d"));

  private static Set<String> names() {
    return Set.copyOf(
        WRONG.stream().filter(text -> text.strip().matches("[a-zA-Z0-9._-]+")).toList());
  }

  private static Set<String> textBut(String... refused) {
    return Set.copyOf(
        WRONG.stream()
            .filter(text -> !text.isBlank() && !List.of(refused).contains(text))
            .toList());
  }

  static Stream<ConfigOption<?>> options() {
    return OnepassOptions.all().stream();
  }

  private static Map<String, String> with(String option, String value) {
    Map<String, String> options = new HashMap<>();
    options.put("kafka.bootstrap.servers", "localhost:1");
    options.put("sketch.key-dim", "16");
    options.put("sketch.scale", "0.25");
    options.put("order.mode", "event-time");
    options.put(option, value);
    return options;
  }

  /** Returns the message about an option, or null if the value is accepted. */
  private static String refusal(String option, String value) {
    Throwable thrown = catchThrowable(() -> SettingsReader.read(with(option, value)));
    if (thrown == null) {
      return null;
    }
    assertThat(thrown).as("%s: '%s'", option, value).isInstanceOf(OptionsException.class);
    assertThat(thrown.getMessage().lines().skip(1).toList())
        .as("%s: '%s'", option, value)
        .anySatisfy(line -> assertThat(line).startsWith("  - ").contains(option));
    return thrown.getMessage();
  }

  @ParameterizedTest
  @MethodSource("options")
  void acceptsOnlyTheListedValues(ConfigOption<?> option) {
    List<String> taken = new ArrayList<>();
    for (String value : WRONG) {
      if (refusal(option.key(), value) == null) {
        taken.add(value);
      }
    }
    Class<?> type = OnepassOptions.typeOf(option);
    Set<String> mayBeTaken =
        type == String.class
            ? TEXT.getOrDefault(option.key(), Set.of())
            : NUMBERS.getOrDefault(type, Set.of());
    assertThat(mayBeTaken).as(option.key()).containsAll(taken);
    if (type == String.class) {
      assertThat(taken).as(option.key()).containsExactlyInAnyOrderElementsOf(mayBeTaken);
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void aMapInPlaceOfAValueIsRefused(ConfigOption<?> option) {
    String under = option.key() + ".under-it";
    Throwable thrown = catchThrowable(() -> SettingsReader.read(with(under, "x")));
    assertThat(thrown)
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining(option.key() + " takes a value, not a map of options");
  }

  /** A default that is copied from the log must be accepted. */
  @ParameterizedTest
  @MethodSource("options")
  void defaultsInTheLogAreValidValues(ConfigOption<?> option) {
    String line =
        SettingsReader.read(with("order.mode", "event-time")).inForce().stream()
            .filter(shown -> shown.startsWith(option.key() + " "))
            .findFirst()
            .orElseThrow();
    if (line.endsWith(" (default)")) {
      String value = line.substring(option.key().length() + 3, line.length() - 10);
      assertThat(refusal(option.key(), value)).as(line).isNull();
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void aTimeNeedsAUnit(ConfigOption<?> option) {
    if (OnepassOptions.typeOf(option) == Duration.class) {
      assertThat(refusal(option.key(), "30"))
          .contains(option.key() + ": '30' is not valid: a time needs a unit")
          .contains("write for example 30 s");
      assertThat(refusal(option.key(), "0")).contains("a time needs a unit");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"key-dim", "value-dim", "scale", "state-size"})
  void optionsOfAHeadHaveTheSameRules(String name) {
    String common = "sketch." + name;
    for (String value : WRONG) {
      assertThat(refusal("head.default." + name, value) == null)
          .as("%s: '%s'", name, value)
          .isEqualTo(refusal(common, value) == null);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"decay.half-life", "decay.half-life-tokens"})
  void decayOfAHeadHasTheSameRules(String name) {
    for (String value : WRONG) {
      assertThat(refusal("head.default." + name, value) == null)
          .as("%s: '%s'", name, value)
          .isEqualTo(refusal(name, value) == null);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"heavy.share", "heavy.degree"})
  void heavyKeysOfAHeadHaveTheSameRules(String name) {
    for (String value : WRONG) {
      assertThat(refusal("head.default." + name, value) == null)
          .as("%s: '%s'", name, value)
          .isEqualTo(refusal(name, value) == null);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ClientDefinitions.DISCOVERY_INTERVAL,
        ClientDefinitions.CONSUMER_METRICS,
        ClientDefinitions.COMMIT_OFFSETS,
        ClientDefinitions.CLIENT_ID_PREFIX
      })
  void propertiesOfTheConnectorAreChecked(String property) {
    assertThat(
            Stream.of(
                KafkaSourceOptions.PARTITION_DISCOVERY_INTERVAL_MS,
                KafkaSourceOptions.REGISTER_KAFKA_CONSUMER_METRICS,
                KafkaSourceOptions.COMMIT_OFFSETS_ON_CHECKPOINT,
                KafkaSourceOptions.CLIENT_ID_PREFIX))
        .extracting(ConfigOption::key)
        .contains(property);
    assertThat(refusal("kafka.properties." + property, "nonsense"))
        .contains("kafka.properties." + property + ": ");
  }

  static Stream<ConfigDef.ConfigKey> properties() {
    Map<String, ConfigDef.ConfigKey> keys = new HashMap<>();
    for (ConfigDef client :
        List.of(
            ConsumerConfig.configDef(),
            ProducerConfig.configDef(),
            AdminClientConfig.configDef())) {
      keys.putAll(client.configKeys());
    }
    return keys.values().stream();
  }

  /** Covers numbers, switches and classes. Kafka itself checks text. */
  @ParameterizedTest
  @MethodSource("properties")
  void propertiesOfTheWrongTypeAreRefusedWithoutRepeatingSecrets(ConfigDef.ConfigKey key) {
    String option = "kafka.properties." + key.name;
    String sentence = refusal(option, "hunter2 is no value");
    boolean text =
        Set.of(ConfigDef.Type.STRING, ConfigDef.Type.LIST, ConfigDef.Type.PASSWORD)
            .contains(key.type);
    if (!text) {
      assertThat(sentence).as(option).isNotNull();
    }
    if (sentence != null && ClientDefinitions.isSecret(key.name)) {
      assertThat(sentence).doesNotContain("hunter2");
    }
    if (!ClientDefinitions.mayBeEmpty(option)) {
      assertThat(refusal(option, "")).contains(option + " has no value");
      assertThat(refusal(option, " ")).contains(option + " has no value");
    }
    if (key.type == ConfigDef.Type.PASSWORD) {
      assertThat(ClientDefinitions.isSecret(key.name)).isTrue();
    }
  }
}
