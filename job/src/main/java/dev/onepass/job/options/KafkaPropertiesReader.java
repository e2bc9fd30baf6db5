// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static dev.onepass.job.options.OnepassOptions.KAFKA_PROPERTIES;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Reads the properties for Kafka's clients: options {@code kafka.properties.*}. */
final class KafkaPropertiesReader {

  /** Properties that the job sets itself, with what to do instead. */
  private static final Map<String, String> OWNED =
      Map.of(
          ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
          "set kafka.bootstrap.servers",
          ProducerConfig.TRANSACTIONAL_ID_CONFIG,
          "set kafka.transactional-id-prefix",
          ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
          "set kafka.transaction-timeout",
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
          "remove it, because the job has its own",
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
          "remove it, because the job has its own",
          ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
          "remove it, because the job has its own",
          ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
          "remove it, because the job has its own",
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
          "remove it, because tokens are read from the beginning and queries from where the last job stopped",
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          "remove it, because offsets are committed with checkpoints",
          ClientDefinitions.CLIENT_ID_PREFIX,
          "set kafka.properties.client.id");

  private final OptionValues values;

  KafkaPropertiesReader(OptionValues values) {
    this.values = values;
  }

  /** Returns the properties. Adds problems to the values. */
  Properties properties(OnepassOptions.Guarantee guarantee) {
    Map<String, String> given = given();
    given.forEach(this::refuseMisplaced);
    new KafkaPropertiesCheck(values, given, guarantee).check();
    warnOfUnknown(given);
    Properties properties = new Properties();
    properties.putAll(given);
    return properties;
  }

  private void refuseMisplaced(String name, String value) {
    String option = Shown.name(KAFKA_PROPERTIES + name);
    if (OWNED.containsKey(name)) {
      values.complain(option + ": set by the job; " + OWNED.get(name));
    } else if (!Shown.isName(KAFKA_PROPERTIES + name)) {
      values.complain(
          option + ": not the name of a property of Kafka's clients; write kafka.properties.NAME");
    }
  }

  /** Warns of properties that no client defines. Plug-ins of the clients may define them. */
  private void warnOfUnknown(Map<String, String> given) {
    List<String> unknown =
        given.keySet().stream().filter(ClientDefinitions::isUnknown).map(Shown::name).toList();
    if (!unknown.isEmpty()) {
      values.warn(
          "kafka.properties.*: Kafka's clients do not know %s. The job passes them on to plug-ins of the clients. Correct those that are meant for Kafka."
              .formatted(unknown));
    }
  }

  private Map<String, String> given() {
    Map<String, String> given = new TreeMap<>();
    values
        .given()
        .forEach(
            (name, value) -> {
              if (name.startsWith(KAFKA_PROPERTIES)) {
                given.put(name.substring(KAFKA_PROPERTIES.length()), value);
              }
            });
    return given;
  }
}
