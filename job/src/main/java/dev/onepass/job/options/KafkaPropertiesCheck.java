package dev.onepass.job.options;

import static dev.onepass.job.options.OnepassOptions.KAFKA_PROPERTIES;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What goes to Kafka's clients as it is: {@code kafka.properties.*}. Consumers, producers and admin
 * clients all get it, so each of them is asked beforehand whether it would take it: a client that
 * cannot be made would restart the job again and again.
 */
final class KafkaPropertiesCheck {

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
          "leave it out, offsets are committed with checkpoints");

  private static final List<ConfigDef> CLIENTS =
      List.of(
          ConsumerConfig.configDef(), ProducerConfig.configDef(), AdminClientConfig.configDef());

  private final OptionValues values;

  KafkaPropertiesCheck(OptionValues values) {
    this.values = values;
  }

  /** The properties; what is wrong with them is in the problems of the values. */
  Properties properties(OnepassOptions.Guarantee guarantee) {
    Map<String, String> given = new HashMap<>();
    values
        .given()
        .forEach(
            (name, value) -> {
              if (name.startsWith(KAFKA_PROPERTIES)) {
                given.put(name.substring(KAFKA_PROPERTIES.length()), value);
              }
            });
    given.forEach(
        (name, value) -> {
          if (OWNED.containsKey(name)) {
            complain(name, "belongs to the job: " + OWNED.get(name));
          }
        });
    CLIENTS.forEach(client -> askClient(client, given));
    keepGuarantee(given, guarantee);
    Properties properties = new Properties();
    properties.putAll(given);
    return properties;
  }

  private void askClient(ConfigDef client, Map<String, String> given) {
    for (ConfigValue value : client.validate(given)) {
      // The other errors are about what the job adds later, such as serializers.
      if (given.containsKey(value.name())) {
        value.errorMessages().forEach(error -> complain(value.name(), error));
      }
    }
  }

  private void keepGuarantee(Map<String, String> given, OnepassOptions.Guarantee guarantee) {
    String acks = given.getOrDefault(ProducerConfig.ACKS_CONFIG, "all").trim();
    if (!acks.equals("all") && !acks.equals("-1")) {
      complain(
          ProducerConfig.ACKS_CONFIG,
          "'%s' would lose answers in spite of %s; set all, or leave it out"
              .formatted(acks, guarantee));
    }
    String idempotence =
        given.getOrDefault(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true").trim();
    if (guarantee == OnepassOptions.Guarantee.EXACTLY_ONCE && idempotence.equals("false")) {
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
    } catch (ConfigException e) {
      values.complain(KAFKA_PROPERTIES + "*: " + e.getMessage());
    }
  }

  private static long number(Map<String, String> given, String name, long otherwise) {
    try {
      return Long.parseLong(given.getOrDefault(name, "").trim());
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  private void complain(String name, String sentence) {
    values.complain(KAFKA_PROPERTIES + name + ": " + sentence);
  }
}
