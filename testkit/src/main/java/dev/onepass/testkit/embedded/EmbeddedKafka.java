// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.embedded;

import dev.onepass.testkit.ports.Ports;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/** A Kafka broker that is also the controller (KRaft) and listens only on localhost. */
public final class EmbeddedKafka implements AutoCloseable {
  private static final int START_SECONDS = 60;
  private static final String NODE = "1";

  private final String bootstrapServers;
  private final KafkaRaftServer server;
  private final Admin admin;

  private EmbeddedKafka(String bootstrapServers, KafkaRaftServer server, Admin admin) {
    this.bootstrapServers = bootstrapServers;
    this.server = server;
    this.admin = admin;
  }

  /**
   * Starts a broker and waits until it answers.
   *
   * @param directory directory of its data; formatted if it is new, reused if it has data
   * @param port port for clients, or 0 for any free port
   * @throws IOException if the port is taken, the directory cannot be written, or the broker does
   *     not start
   */
  public static EmbeddedKafka start(Path directory, int port) throws IOException {
    return start(directory, port, Map.of());
  }

  /**
   * Starts a broker with more settings and waits until it answers.
   *
   * @param more broker settings; a setting that already has a value, such as {@code listeners}, is
   *     a list to which entries are added
   */
  public static EmbeddedKafka start(Path directory, int port, Map<String, String> more)
      throws IOException {
    int brokerPort = Ports.check(port);
    Map<String, String> settings = settings(directory, brokerPort, Ports.check(0));
    more.forEach((name, value) -> settings.merge(name, value, (own, added) -> own + "," + added));
    KafkaRaftServer server;
    try {
      if (!Files.exists(directory.resolve("meta.properties"))) {
        format(directory);
      }
      server = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
    } catch (Exception e) {
      throw new IOException("the Kafka broker cannot use " + directory + ": " + e.getMessage(), e);
    }
    String bootstrapServers = "localhost:" + brokerPort;
    Admin admin = null;
    try {
      server.startup();
      admin =
          Admin.create(
              Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
      admin.describeCluster().nodes().get(START_SECONDS, TimeUnit.SECONDS);
      return new EmbeddedKafka(bootstrapServers, server, admin);
    } catch (InterruptedException e) {
      stop(admin, server);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the Kafka broker was starting", e);
    } catch (RuntimeException | ExecutionException | TimeoutException e) {
      stop(admin, server);
      throw new IOException("the Kafka broker failed to start: " + e, e);
    }
  }

  private static void format(Path directory) throws Exception {
    new Formatter()
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .setClusterId(Uuid.randomUuid().toString())
        .setNodeId(Integer.parseInt(NODE))
        .setControllerListenerName("CONTROLLER")
        .setMetadataLogDirectory(Optional.empty())
        .addDirectory(directory.toString())
        .setReleaseVersion(MetadataVersion.latestProduction())
        .run();
  }

  private static Map<String, String> settings(Path directory, int port, int controllerPort) {
    Map<String, String> settings = new HashMap<>();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", NODE);
    settings.put(
        "listeners",
        "CLIENT://localhost:%d,CONTROLLER://localhost:%d".formatted(port, controllerPort));
    settings.put("advertised.listeners", "CLIENT://localhost:" + port);
    settings.put("listener.security.protocol.map", "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.put("inter.broker.listener.name", "CLIENT");
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put("controller.quorum.voters", NODE + "@localhost:" + controllerPort);
    settings.put("log.dirs", directory.toString());
    settings.put("auto.create.topics.enable", "false");
    // A single broker holds one replica; few partitions of the internal topics make the start fast.
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "1");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("transaction.state.log.num.partitions", "2");
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
    settings.put("share.coordinator.state.topic.num.partitions", "1");
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.put("num.network.threads", "2");
    settings.put("num.io.threads", "2");
    settings.put("background.threads", "2");
    settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
    return settings;
  }

  /** Returns the value of {@code bootstrap.servers} for clients. */
  public String bootstrapServers() {
    return bootstrapServers;
  }

  /**
   * Creates a topic and waits until it exists.
   *
   * @param name name of a topic that does not exist yet
   * @param partitions at least 1
   * @param configs settings of the topic, such as {@code max.message.bytes}
   * @throws IOException if the broker rejects the topic
   */
  public void createTopic(String name, int partitions, Map<String, String> configs)
      throws IOException {
    NewTopic topic = new NewTopic(name, partitions, (short) 1).configs(configs);
    try {
      admin.createTopics(List.of(topic)).all().get(START_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while creating topic " + name, e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("cannot create topic " + name + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    stop(admin, server);
  }

  private static void stop(Admin admin, KafkaRaftServer server) {
    if (admin != null) {
      admin.close(Duration.ofSeconds(1));
    }
    server.shutdown();
    server.awaitShutdown();
  }
}
