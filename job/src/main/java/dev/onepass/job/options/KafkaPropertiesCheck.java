// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static dev.onepass.job.options.OnepassOptions.KAFKA_PROPERTIES;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Checks whether Kafka's consumers, producers and admin clients accept the properties. A property
 * that a client refuses would restart the job again and again.
 */
final class KafkaPropertiesCheck {

  private final OptionValues values;
  private final Map<String, String> given;
  private final OnepassOptions.Guarantee guarantee;

  KafkaPropertiesCheck(
      OptionValues values, Map<String, String> given, OnepassOptions.Guarantee guarantee) {
    this.values = values;
    this.given = given;
    this.guarantee = guarantee;
  }

  /** Checks the properties. Adds problems to the values. */
  void check() {
    ClientDefinitions.CLIENTS.forEach(this::checkTypes);
    checkGuarantee();
    checkOrder();
    if (values.problems().stream().noneMatch(problem -> problem.startsWith(KAFKA_PROPERTIES))) {
      // Clients would only repeat the other problems.
      checkTogether();
    }
  }

  private void checkTypes(ConfigDef client) {
    for (ConfigValue value : client.validate(given)) {
      // Other errors concern properties that the job adds later, such as serializers.
      if (!given.containsKey(value.name()) || value.errorMessages().isEmpty()) {
        continue;
      }
      ConfigDef.ConfigKey key = client.configKeys().get(value.name());
      if (ClientDefinitions.isSecret(value.name())) {
        complain(
            value.name(),
            "Kafka refuses the value, which is not shown here; set a value of type " + key.type);
      } else {
        value.errorMessages().forEach(error -> complain(value.name(), Shown.sentence(error)));
      }
    }
  }

  private void checkGuarantee() {
    String acks = given.getOrDefault(ProducerConfig.ACKS_CONFIG, "all").trim();
    if (!acks.equals("all") && !acks.equals("-1")) {
      complain(
          ProducerConfig.ACKS_CONFIG,
          "%s could lose answers in spite of %s; set all, or remove it"
              .formatted(Shown.quoted(acks), guarantee));
    }
    String idempotence =
        given.getOrDefault(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true").trim();
    if (guarantee == OnepassOptions.Guarantee.EXACTLY_ONCE
        && idempotence.equalsIgnoreCase("false")) {
      complain(
          ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "must be true for exactly-once; remove it");
    }
  }

  /** Checks pairs of properties that clients check only when they are created. */
  private void checkOrder() {
    long request = number(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 30_000);
    long api = number(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.MAX_VALUE);
    if (api < request) {
      complain(
          AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
          "must be at least request.timeout.ms; set at least " + request);
    }
    long delivery = number(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Long.MAX_VALUE);
    long sent = request + number(ProducerConfig.LINGER_MS_CONFIG, 5);
    if (delivery < sent) {
      complain(
          ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
          "must be at least linger.ms plus request.timeout.ms; set at least " + sent);
    }
    long batch = number(ProducerConfig.BATCH_SIZE_CONFIG, 16_384);
    if (number(ProducerConfig.BUFFER_MEMORY_CONFIG, Long.MAX_VALUE) < batch) {
      complain(
          ProducerConfig.BUFFER_MEMORY_CONFIG,
          "must be at least batch.size, or no record can be written; set at least " + batch);
    }
    long session = number(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 45_000);
    long heartbeat = number(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 3_000);
    if (heartbeat >= session) {
      complain(
          ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
          "must be less than session.timeout.ms; set less than " + session);
    }
  }

  /** Checks whether the properties, each valid on its own, are valid together. */
  private void checkTogether() {
    String refusal = refusal(given);
    if (refusal != null) {
      String culprits =
          given.keySet().stream()
              .filter(name -> refusal(without(name)) == null)
              .map(name -> Shown.name(KAFKA_PROPERTIES + name))
              .collect(Collectors.joining(", "));
      values.complain(
          (culprits.isEmpty() ? KAFKA_PROPERTIES + "*" : culprits)
              + ": "
              + withoutSecrets(refusal));
      return;
    }
    checkLogin();
  }

  /** Returns why producers or consumers refuse these properties, or null if they accept them. */
  private String refusal(Map<String, String> properties) {
    Map<String, Object> producer = new HashMap<>(properties);
    producer.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:1");
    producer.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    producer.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    if (guarantee == OnepassOptions.Guarantee.EXACTLY_ONCE) {
      producer.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "onepass");
    }
    Map<String, Object> consumer = new HashMap<>(properties);
    consumer.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:1");
    consumer.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    consumer.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    try {
      new ProducerConfig(producer);
      new ConsumerConfig(consumer);
      return null;
    } catch (KafkaException | IllegalArgumentException e) {
      return "" + e.getMessage();
    }
  }

  private Map<String, String> without(String name) {
    Map<String, String> rest = new HashMap<>(given);
    rest.remove(name);
    return rest;
  }

  /** Checks the JAAS configuration, which clients read only when they connect. */
  private void checkLogin() {
    String jaas = given.get(SaslConfigs.SASL_JAAS_CONFIG);
    if (jaas == null) {
      return;
    }
    try {
      JaasContext.loadClientContext(
          Map.of(SaslConfigs.SASL_JAAS_CONFIG, new Password(jaas.trim())));
    } catch (RuntimeException e) {
      complain(
          SaslConfigs.SASL_JAAS_CONFIG,
          "the value, which is not shown here, is not a JAAS login; set CLASS required name=\"value\" ...; with the semicolon at its end");
    }
  }

  /** Returns a message of Kafka, or a substitute if the message repeats a secret. */
  private String withoutSecrets(String sentence) {
    boolean repeats =
        given.entrySet().stream()
            .filter(property -> ClientDefinitions.isSecret(property.getKey()))
            .map(property -> property.getValue().trim())
            .anyMatch(secret -> !secret.isEmpty() && sentence.contains(secret));
    return repeats
        ? "Kafka refuses the combination because of a value that is not shown here; see the documentation of Kafka's clients"
        : Shown.sentence(sentence);
  }

  private long number(String name, long otherwise) {
    try {
      return Long.parseLong(given.getOrDefault(name, "").trim());
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  private void complain(String name, String sentence) {
    values.complain(Shown.name(KAFKA_PROPERTIES + name) + ": " + sentence);
  }
}
