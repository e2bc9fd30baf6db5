// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.testkit.embedded.EmbeddedKafka;
import dev.onepass.testkit.embedded.FlinkJob;
import dev.onepass.testkit.records.Client;
import dev.onepass.testkit.records.Records;
import dev.onepass.testkit.records.Vectors;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests a job that may read and write its topics but may not read their configuration. A record
 * that the broker would refuse becomes a dead letter, and the job continues.
 */
@Timeout(120)
class RefusedByBrokersITCase {

  private static final int LIMIT = 20_000;

  @TempDir static Path directory;

  private static EmbeddedKafka kafka;
  private static Cluster cluster;
  private static Map<String, String> login;

  @BeforeAll
  static void startCluster() throws Exception {
    LoginBroker broker = LoginBroker.start(directory.resolve("kafka"));
    kafka = broker.kafka();
    login = broker.login("secret");
    cluster = Cluster.start(directory, kafka.bootstrapServers(), new Configuration());
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
    kafka.close();
  }

  private static void allow(Client.Topics topics, String transactionalIdPrefix) throws Exception {
    List<AclBinding> bindings = new ArrayList<>();
    for (String topic : List.of(topics.tokens(), topics.queries())) {
      bindings.add(allow(ResourceType.TOPIC, topic, PatternType.LITERAL, AclOperation.READ));
    }
    for (String topic : List.of(topics.outputs(), topics.deadLetters())) {
      bindings.add(allow(ResourceType.TOPIC, topic, PatternType.LITERAL, AclOperation.READ));
      bindings.add(allow(ResourceType.TOPIC, topic, PatternType.LITERAL, AclOperation.WRITE));
    }
    bindings.add(allow(ResourceType.GROUP, "onepass", PatternType.LITERAL, AclOperation.READ));
    if (transactionalIdPrefix != null) {
      bindings.add(
          allow(
              ResourceType.TRANSACTIONAL_ID,
              transactionalIdPrefix,
              PatternType.PREFIXED,
              AclOperation.WRITE));
    }
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin.createAcls(bindings).all().get();
    }
  }

  private static AclBinding allow(
      ResourceType type, String name, PatternType pattern, AclOperation operation) {
    return new AclBinding(
        new ResourcePattern(type, name, pattern),
        new AccessControlEntry("User:onepass", "*", operation, AclPermissionType.ALLOW));
  }

  private static Client.Topics createTopics(String prefix) throws Exception {
    Client.Topics topics = new Client.Topics(prefix);
    String limit = Integer.toString(LIMIT);
    cluster.createTopic(topics.tokens(), Map.of());
    cluster.createTopic(
        topics.queries(), Map.of("message.timestamp.after.max.ms", Long.toString(Long.MAX_VALUE)));
    cluster.createTopic(
        topics.outputs(),
        Map.of(
            "max.message.bytes", limit,
            "message.timestamp.before.max.ms", "600000",
            "message.timestamp.after.max.ms", "600000"));
    cluster.createTopic(
        topics.deadLetters(),
        Map.of(
            "max.message.bytes", limit,
            "cleanup.policy", "compact",
            "message.timestamp.before.max.ms", "600000",
            "message.timestamp.after.max.ms", "600000"));
    return topics;
  }

  @ParameterizedTest
  @ValueSource(strings = {"at-least-once", "exactly-once"})
  void refusedRecordsBecomeDeadLettersAndTheJobContinues(String guarantee) throws Exception {
    Client.Topics topics = createTopics("refused-" + guarantee);
    String prefix = guarantee.equals("exactly-once") ? "refused-job" : null;
    allow(topics, prefix);
    FlinkJob job = cluster.submit(topics, options(guarantee, prefix));

    long start = System.currentTimeMillis();
    Vectors vectors = new Vectors("s", 50, 2, 2, 1, 5);
    for (int j = 0; j < vectors.count; j++) {
      cluster.sendToken(topics, vectors, j);
    }
    Random random = new Random(8);
    int queries = 60;
    for (int q = 0; q < queries; q++) {
      ask(topics, "q" + q, vectors.count, new float[1 + random.nextInt(100)][2], timestamp(q));
      if (q % 20 == 10) {
        ask(topics, "large" + q, vectors.count, new float[1024][2], null);
        cluster.send(topics.tokens(), null, new byte[50_000]);
      }
    }
    cluster.flush();

    List<String> answered = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> output :
        cluster.readExactly(topics.outputs(), queries, Duration.ofSeconds(40))) {
      answered.add(Written.queryId(output));
      assertThat(output.timestamp()).isBetween(start, System.currentTimeMillis());
    }
    assertThat(answered)
        .doesNotHaveDuplicates()
        .hasSize(queries)
        .allMatch(id -> id.startsWith("q"));
    List<String> errors = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> letter :
        cluster.readExactly(topics.deadLetters(), 6, Duration.ofSeconds(20))) {
      String error = Written.error(letter);
      errors.add(error.substring(0, error.indexOf(':')));
      if (letter.headers().lastHeader("keyless") != null) {
        assertThat(Written.header(letter, "truncated")).isEqualTo("50000");
        assertThat(new String(letter.key(), StandardCharsets.UTF_8))
            .isEqualTo(topics.tokens() + "/0/" + Written.header(letter, "offset"));
      } else {
        assertThat(letter.key()).isEqualTo(Records.bytes("s"));
        assertThat(Written.queryId(letter)).startsWith("large");
      }
    }
    assertThat(errors)
        .containsExactlyInAnyOrder(
            "output too large",
            "output too large",
            "output too large",
            "record key",
            "record key",
            "record key");
    assertThat(job.failure()).isEmpty();
    assertThat(job.restarts()).isZero();
    job.cancel();
  }

  /**
   * Lowers the limit of a topic while the job runs. The limit that the job had read fails it once;
   * after the restart the job applies the new limit.
   */
  @Test
  void loweredLimitAppliesAfterOneRestart() throws Exception {
    Client.Topics topics = new Client.Topics("lowered");
    Cluster.createSinglePartitions(cluster, topics);
    allow(topics, "lowered-job");
    FlinkJob job = cluster.submit(topics, options("exactly-once", "lowered-job"));
    cluster.sendToken(topics, new Vectors("s", 1, 2, 2, 1, 5), 0);
    ask(topics, "first", 1, new float[1024][2], null);
    cluster.flush();
    assertThat(cluster.readExactly(topics.outputs(), 1, Duration.ofSeconds(30))).hasSize(1);

    ConfigResource outputs = new ConfigResource(ConfigResource.Type.TOPIC, topics.outputs());
    ConfigEntry lower = new ConfigEntry("max.message.bytes", Integer.toString(LIMIT));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin
          .incrementalAlterConfigs(
              Map.of(outputs, List.of(new AlterConfigOp(lower, AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
    // These answers have exactly the size of the first one, which was accepted, so the job does not
    // try them first. Several fail in one transaction.
    int later = 6;
    for (int q = 0; q < later; q++) {
      ask(topics, "later" + q, 1, new float[1024][2], null);
      ask(topics, "beside" + q, 1, new float[1][2], null);
    }
    cluster.flush();
    assertThat(cluster.readExactly(topics.deadLetters(), later, Duration.ofSeconds(60)))
        .hasSize(later)
        .allSatisfy(letter -> assertThat(Written.error(letter)).startsWith("output too large"));
    ask(topics, "small", 1, new float[1][2], null);
    cluster.flush();
    assertThat(cluster.readExactly(topics.outputs(), later + 2, Duration.ofSeconds(30)))
        .extracting(Written::queryId)
        .doesNotHaveDuplicates()
        .contains("first", "small", "beside0")
        .hasSize(later + 2);
    assertThat(job.restarts()).isEqualTo(1);
    job.cancel();
  }

  private static Map<String, String> options(String guarantee, String transactionalIdPrefix) {
    Map<String, String> options = new HashMap<>(login);
    options.put("sketch.type", "exact");
    options.put("sketch.key-dim", "2");
    options.put("records.query-max-vectors", "1024");
    options.put("kafka.delivery-guarantee", guarantee);
    if (transactionalIdPrefix != null) {
      options.put("kafka.transactional-id-prefix", transactionalIdPrefix);
    }
    return options;
  }

  /** Returns the timestamp of a query: none, or one that the outputs topic would refuse. */
  private static Long timestamp(int q) {
    return switch (q % 4) {
      case 1 -> 1L;
      case 2 -> Long.MAX_VALUE / 2;
      default -> null;
    };
  }

  /** Sends a query with {@code as_of}, because an answer over no tokens would be small. */
  private static void ask(
      Client.Topics topics, String id, long tokens, float[][] vectors, Long timestamp) {
    byte[] query = Records.bytes(Records.query(id, tokens, vectors));
    cluster.send(
        new ProducerRecord<>(topics.queries(), null, timestamp, Records.bytes("s"), query));
  }
}
