// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks that neither the log nor messages contain possible secrets. */
class SecretsTest {

  private static final String JAAS =
      "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"hunter2\";";

  private static Map<String, String> with(String option, String value) {
    Map<String, String> options = new HashMap<>();
    options.put("kafka.bootstrap.servers", "localhost:1");
    options.put("sketch.key-dim", "16");
    options.put(option, value);
    return options;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sasl.jaas.config",
        "ssl.key.password",
        "ssl.keystore.password",
        "ssl.keystore.key",
        "ssl.keystore.certificate.chain",
        "ssl.truststore.certificates",
        "ssl.keystore.location",
        "sasl.oauthbearer.client.credentials.client.secret",
        "sasl.client.callback.handler.class",
        "schema.registry.basic.auth.user.info",
        "some.plugins.own",
        "api.key",
        "client.secret",
        "access.token",
        "Some.PassPhrase"
      })
  void isMaskedInTheLog(String property) {
    String value =
        switch (property) {
          case "sasl.jaas.config" -> JAAS;
          case "sasl.client.callback.handler.class" -> "java.lang.Object";
          default -> "hunter2";
        };
    JobSettings settings = SettingsReader.read(with("kafka.properties." + property, value));
    assertThat(settings.inForce())
        .contains("kafka.properties." + property + " = ***")
        .noneMatch(line -> line.contains(value));
    assertThat(settings.kafkaProperties()).as("as it is").containsEntry(property, value);
  }

  @Test
  void otherValuesAreShown() {
    Map<String, String> options = with("kafka.properties.linger.ms", "7");
    options.put("kafka.properties.group.id", "g");
    options.put("kafka.properties.ssl.endpoint.identification.algorithm", "");
    options.put("heads", "a, 1.10");
    options.put("head.1.10.scale", "2");
    options.put("state.ttl", " 2 h ");
    options.put("kafka.properties.max.poll.record", "5");
    JobSettings settings = SettingsReader.read(options);
    assertThat(settings.inForce())
        .contains(
            "kafka.bootstrap.servers = localhost:1",
            "kafka.delivery-guarantee = at-least-once (default)",
            "kafka.transaction-timeout = 15 min (default)",
            "kafka.transactional-id-prefix is not set",
            "state.ttl = 2 h",
            "sketch.state-size = 128KiB (default)",
            "heads = a, 1.10",
            "head.a.key-dim = 16",
            "head.a.scale = 0.25",
            "head.1.10.value-dim = 16",
            "head.1.10.scale = 2.0",
            "head.1.10.state-size = 128KiB",
            "kafka.properties.linger.ms = 7",
            "kafka.properties.group.id = g",
            "kafka.properties.ssl.endpoint.identification.algorithm = ");
    assertThat(OnepassOptions.all())
        .allSatisfy(
            option ->
                assertThat(settings.inForce())
                    .filteredOn(line -> line.startsWith(option.key() + " "))
                    .as(option.key())
                    .hasSize(1));
    assertThat(settings.warnings())
        .singleElement()
        .asString()
        .startsWith("kafka.properties.*: Kafka's clients do not know [max.poll.record]. ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          kafka.properties.sasl.jaas.config                   | hunter2
          kafka.properties.sasl.jaas.config                   | Login required password=hunter2
          kafka.properties.sasl.jaas.config                   | Login needed password="hunter2";
          kafka.properties.sasl.login.callback.handler.class  | hunter2
          kafka.properties.sasl.login.connect.timeout.ms      | hunter2
          kafka.properties.sasl.mechanism.hunter2 x           | hunter2
          kafka.properties.ssl.engine.factory.class           | hunter2
          kafka.password                                      | hunter2
          sasl.jaas.config                                    | hunter2
          password                                            | hunter2
          Login required password="hunter2";                  | x
          heads.password                                      | hunter2
          state.ttl.password                                  | hunter2
          head.a.password                                     | hunter2
          kafka.bootstrap.servers                             | user:hunter2@broker:9092
          kafka.bootstrap.servers                             | SASL_SSL://user:hunter2@broker:9092
          anchors.file                                        | s3://user:hunter2@bucket/sets
          anchors.file                                        | nowhere://hunter2@bucket/sets
          """)
  void messagesDoNotRepeatSecrets(String option, String value) {
    assertThatThrownBy(() -> SettingsReader.read(with(option, value)))
        .isInstanceOf(OptionsException.class)
        .hasMessageNotContaining("hunter2")
        .hasNoCause();
  }

  @Test
  void aWrongLoginIsRefusedAtTheStart() {
    assertThatThrownBy(
            () -> SettingsReader.read(with("kafka.properties.sasl.jaas.config", "Login hunter2")))
        .hasMessageContaining(
            "kafka.properties.sasl.jaas.config: the value, which is not shown here, is not a JAAS login; set CLASS required name=\"value\" ...;");
  }

  /** A line break in a value could forge lines of the log. */
  @Test
  void aValueStaysOnItsLine() {
    assertThatThrownBy(
            () -> SettingsReader.read(with("topics.tokens", "a\n  - sketch.type is wrong\u2028x")))
        .isInstanceOf(OptionsException.class)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(2));
    assertThatThrownBy(() -> SettingsReader.read(with("topics.tokens", "a".repeat(1 << 20))))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1_000));
  }
}
