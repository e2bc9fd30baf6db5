package dev.onepass.job.options;

import static dev.onepass.job.options.OnepassOptions.KAFKA_PROPERTIES;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What goes to Kafka's clients as it is: {@code kafka.properties.*}. Consumers, producers and admin
 * clients all get it, so each of them is asked beforehand whether it would take it: a client that
 * cannot be made would restart the job again and again.
 */
final class KafkaPropertiesCheck {

  // What Flink's connector reads: by name, since options are checked where it need not be.
  static final String DISCOVERY_INTERVAL = "partition.discovery.interval.ms";
  static final String CONSUMER_METRICS = "register.consumer.metrics";
  static final String COMMIT_OFFSETS = "commit.offsets.on.checkpoint";
  static final String CLIENT_ID_PREFIX = "client.id.prefix";

  /** What the job sets itself, with what to do instead. */
  private static final Map<String, String> OWNED =
      Map.of(
          ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
          "set kafka.bootstrap.servers",
          ProducerConfig.TRANSACTIONAL_ID_CONFIG,
          "set kafka.transactional-id-prefix",
          ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
          "set kafka.transaction-timeout",
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
          "leave it out, the job has its own",
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
          "leave it out, the job has its own",
          ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
          "leave it out, the job has its own",
          ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
          "leave it out, the job has its own",
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
          "leave it out, tokens are read from the beginning and queries from where the last job stopped",
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          "leave it out, offsets are committed with checkpoints",
          CLIENT_ID_PREFIX,
          "set kafka.properties.client.id");

  private static final List<ConfigDef> CLIENTS =
      List.of(
          ConsumerConfig.configDef(),
          ProducerConfig.configDef(),
          AdminClientConfig.configDef(),
          connector());

  private final OptionValues values;

  KafkaPropertiesCheck(OptionValues values) {
    this.values = values;
  }

  /** What Flink's connector reads of the properties. It fails the job where a type is wrong. */
  private static ConfigDef connector() {
    return new ConfigDef()
        .define(DISCOVERY_INTERVAL, ConfigDef.Type.LONG, ConfigDef.Importance.LOW, "")
        .define(CONSUMER_METRICS, ConfigDef.Type.BOOLEAN, ConfigDef.Importance.LOW, "")
        .define(COMMIT_OFFSETS, ConfigDef.Type.BOOLEAN, ConfigDef.Importance.LOW, "");
  }

  /** Whether Kafka gives a meaning to this option without a value: no check of host names. */
  static boolean mayBeEmpty(String option) {
    return option.equals(
        KAFKA_PROPERTIES + SslConfigs.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG);
  }

  /** Whether Kafka takes a list for this property. */
  static boolean isList(String property) {
    return keys(property).anyMatch(key -> key.type == ConfigDef.Type.LIST);
  }

  /** Whether the value of this property may be a secret. */
  static boolean isSecret(String property) {
    return Shown.isSecret(
        property,
        name ->
            keys(name).findAny().isPresent()
                && keys(name).noneMatch(key -> key.type == ConfigDef.Type.PASSWORD));
  }

  private static Stream<ConfigDef.ConfigKey> keys(String property) {
    return CLIENTS.stream()
        .map(client -> client.configKeys().get(property))
        .filter(Objects::nonNull);
  }

  /** The properties; what is wrong with them is in the problems of the values. */
  Properties properties(OnepassOptions.Guarantee guarantee) {
    Map<String, String> given = given();
    given.forEach(
        (name, value) -> {
          if (OWNED.containsKey(name)) {
            complain(name, "belongs to the job: " + OWNED.get(name));
          } else if (!Shown.isName(KAFKA_PROPERTIES + name)) {
            complain(name, "names no property of Kafka's clients; write kafka.properties.NAME");
          }
        });
    CLIENTS.forEach(client -> askClient(client, given));
    keepGuarantee(given, guarantee);
    Properties properties = new Properties();
    properties.putAll(given);
    return properties;
  }

  /**
   * Given properties that none of the clients knows. They are passed on, since plug-ins of the
   * clients have properties of their own.
   */
  List<String> unknown() {
    return given().keySet().stream()
        .filter(name -> keys(name).findAny().isEmpty())
        .map(Shown::name)
        .toList();
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

  private void askClient(ConfigDef client, Map<String, String> given) {
    for (ConfigValue value : client.validate(given)) {
      // The other errors are about what the job adds later, such as serializers.
      if (!given.containsKey(value.name()) || value.errorMessages().isEmpty()) {
        continue;
      }
      ConfigDef.ConfigKey key = client.configKeys().get(value.name());
      if (isSecret(value.name())) {
        complain(
            value.name(),
            "Kafka refuses the value, which is not repeated here; set what Kafka documents for it, a value of type "
                + key.type);
      } else {
        value.errorMessages().forEach(error -> complain(value.name(), Shown.sentence(error)));
      }
    }
  }

  private void keepGuarantee(Map<String, String> given, OnepassOptions.Guarantee guarantee) {
    String acks = given.getOrDefault(ProducerConfig.ACKS_CONFIG, "all").trim();
    if (!acks.equals("all") && !acks.equals("-1")) {
      complain(
          ProducerConfig.ACKS_CONFIG,
          "%s would lose answers in spite of %s; set all, or leave it out"
              .formatted(Shown.quoted(acks), guarantee));
    }
    String idempotence =
        given.getOrDefault(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true").trim();
    if (guarantee == OnepassOptions.Guarantee.EXACTLY_ONCE
        && idempotence.equalsIgnoreCase("false")) {
      complain(
          ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "must be true for exactly-once; leave it out");
    }
    keepOrder(given);
    askTogether(given, guarantee);
  }

  /** Pairs that clients check when they are made, and no definition of theirs tells beforehand. */
  private void keepOrder(Map<String, String> given) {
    long request = number(given, AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 30_000);
    long api = number(given, AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.MAX_VALUE);
    if (api < request) {
      complain(
          AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
          "must not be less than request.timeout.ms; set at least " + request);
    }
    long delivery = number(given, ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Long.MAX_VALUE);
    long sent = request + number(given, ProducerConfig.LINGER_MS_CONFIG, 5);
    if (delivery < sent) {
      complain(
          ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
          "must not be less than linger.ms and request.timeout.ms together; set at least " + sent);
    }
    long batch = number(given, ProducerConfig.BATCH_SIZE_CONFIG, 16_384);
    if (number(given, ProducerConfig.BUFFER_MEMORY_CONFIG, Long.MAX_VALUE) < batch) {
      complain(
          ProducerConfig.BUFFER_MEMORY_CONFIG,
          "must not be less than batch.size, or nothing can be written; set at least " + batch);
    }
    long session = number(given, ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 45_000);
    long heartbeat = number(given, ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 3_000);
    if (heartbeat >= session) {
      complain(
          ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
          "must be less than session.timeout.ms; set less than " + session);
    }
  }

  /** Properties that are right alone but not together, as producers and consumers judge them. */
  private void askTogether(Map<String, String> given, OnepassOptions.Guarantee guarantee) {
    if (values.problems().stream().anyMatch(problem -> problem.startsWith(KAFKA_PROPERTIES))) {
      return; // They would only repeat that.
    }
    String refusal = refusal(given, guarantee);
    if (refusal != null) {
      String culprits =
          given.keySet().stream()
              .filter(name -> refusal(without(name, given), guarantee) == null)
              .map(name -> Shown.name(KAFKA_PROPERTIES + name))
              .collect(Collectors.joining(", "));
      values.complain(
          (culprits.isEmpty() ? KAFKA_PROPERTIES + "*" : culprits)
              + ": "
              + withoutSecrets(refusal, given));
      return;
    }
    askForLogin(given);
  }

  /** What producers or consumers say against these properties; null if they take them. */
  private static String refusal(Map<String, String> given, OnepassOptions.Guarantee guarantee) {
    Map<String, Object> producer = new HashMap<>(given);
    producer.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:1");
    producer.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    producer.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    if (guarantee == OnepassOptions.Guarantee.EXACTLY_ONCE) {
      producer.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "onepass");
    }
    Map<String, Object> consumer = new HashMap<>(given);
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

  private static Map<String, String> without(String name, Map<String, String> given) {
    Map<String, String> rest = new HashMap<>(given);
    rest.remove(name);
    return rest;
  }

  /** A line for JAAS is only read when a client connects, and would fail it at every restart. */
  private void askForLogin(Map<String, String> given) {
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
          "the value, which is not repeated here, is no login of JAAS; set CLASS required name=\"value\" ...; with the semicolon at its end");
    }
  }

  /** What somebody else says, unless it repeats a secret. */
  private static String withoutSecrets(String sentence, Map<String, String> given) {
    boolean repeats =
        given.entrySet().stream()
            .filter(property -> isSecret(property.getKey()))
            .map(property -> property.getValue().trim())
            .anyMatch(secret -> !secret.isEmpty() && sentence.contains(secret));
    return repeats
        ? "they do not go together, for a value that is not repeated here; set what Kafka documents"
        : Shown.sentence(sentence);
  }

  private static long number(Map<String, String> given, String name, long otherwise) {
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
