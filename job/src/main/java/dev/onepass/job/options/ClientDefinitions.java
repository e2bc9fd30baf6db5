// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static dev.onepass.job.options.OnepassOptions.KAFKA_PROPERTIES;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.SslConfigs;

/** The properties that Kafka's clients and Flink's connector define, with their types. */
final class ClientDefinitions {

  // Names of the connector's properties. The client that submits the job may lack the connector.
  static final String DISCOVERY_INTERVAL = "partition.discovery.interval.ms";
  static final String CONSUMER_METRICS = "register.consumer.metrics";
  static final String COMMIT_OFFSETS = "commit.offsets.on.checkpoint";
  static final String CLIENT_ID_PREFIX = "client.id.prefix";

  /** Definitions of all clients. */
  static final List<ConfigDef> CLIENTS =
      List.of(
          ConsumerConfig.configDef(),
          ProducerConfig.configDef(),
          AdminClientConfig.configDef(),
          connector());

  private ClientDefinitions() {}

  /** Returns the connector's properties. A value of the wrong type would fail the running job. */
  private static ConfigDef connector() {
    return new ConfigDef()
        .define(DISCOVERY_INTERVAL, ConfigDef.Type.LONG, ConfigDef.Importance.LOW, "")
        .define(CONSUMER_METRICS, ConfigDef.Type.BOOLEAN, ConfigDef.Importance.LOW, "")
        .define(COMMIT_OFFSETS, ConfigDef.Type.BOOLEAN, ConfigDef.Importance.LOW, "");
  }

  /** Returns whether an empty value has a meaning for this option: no check of host names. */
  static boolean mayBeEmpty(String option) {
    return option.equals(
        KAFKA_PROPERTIES + SslConfigs.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG);
  }

  /** Returns whether this property takes a list. */
  static boolean isList(String property) {
    return keys(property).anyMatch(key -> key.type == ConfigDef.Type.LIST);
  }

  /** Returns whether the value of this property may be a secret. */
  static boolean isSecret(String property) {
    return Shown.isSecret(
        property,
        name ->
            keys(name).findAny().isPresent()
                && keys(name).noneMatch(key -> key.type == ConfigDef.Type.PASSWORD));
  }

  /** Returns whether no client defines this property. */
  static boolean isUnknown(String property) {
    return keys(property).findAny().isEmpty();
  }

  private static Stream<ConfigDef.ConfigKey> keys(String property) {
    return CLIENTS.stream()
        .map(client -> client.configKeys().get(property))
        .filter(Objects::nonNull);
  }
}
