// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.process;

import dev.onepass.testkit.ports.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.awaitility.Awaitility;

/** A Kafka broker as a process, which is also the controller. */
public final class KafkaProcess {

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Processes processes;
  private final String bootstrapServers;
  private final Path properties;
  private ChildProcess broker;

  private KafkaProcess(Processes processes, String bootstrapServers, Path properties) {
    this.processes = processes;
    this.bootstrapServers = bootstrapServers;
    this.properties = properties;
  }

  /** Starts a broker on free ports without waiting for it. */
  public static KafkaProcess start(Processes processes) throws IOException {
    int[] ports = Ports.free(2);
    Path data = processes.data("kafka");
    Path properties = Files.writeString(data.resolve("server.properties"), settings(data, ports));
    Files.writeString(data.resolve("log4j2.properties"), Logs.SETTINGS);
    KafkaProcess kafka = new KafkaProcess(processes, Ports.HOST + ":" + ports[0], properties);
    processes.run(
        "kafka-format",
        kafka
            .java()
            .line(
                "kafka.tools.StorageTool",
                List.of("format", "-t", Uuid.randomUuid().toString(), "-c", properties.toString())),
        Map.of(),
        PATIENCE);
    kafka.restart();
    return kafka;
  }

  private static String settings(Path data, int[] ports) {
    return """
        process.roles=broker,controller
        node.id=1
        listeners=CLIENT://HOST:%1$d,CONTROLLER://HOST:%2$d
        advertised.listeners=CLIENT://HOST:%1$d
        listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
        inter.broker.listener.name=CLIENT
        controller.listener.names=CONTROLLER
        controller.quorum.voters=1@HOST:%2$d
        log.dirs=%3$s
        auto.create.topics.enable=false
        # A single broker holds one replica; few partitions of the internal topics make the start fast.
        offsets.topic.replication.factor=1
        offsets.topic.num.partitions=1
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        transaction.state.log.num.partitions=2
        share.coordinator.state.topic.replication.factor=1
        share.coordinator.state.topic.min.isr=1
        share.coordinator.state.topic.num.partitions=1
        group.initial.rebalance.delay.ms=0
        # Transactions are aborted right after their timeout, not up to ten seconds later.
        transaction.abort.timed.out.transaction.cleanup.interval.ms=500
        log.cleaner.dedupe.buffer.size=4194304
        """
        .formatted(ports[0], ports[1], data.resolve("log"))
        .replace("HOST", Ports.HOST);
  }

  private JavaCommand java() {
    return java(properties.getParent());
  }

  /** Returns a command line with Kafka's classes and the log settings of a folder. */
  private static JavaCommand java(Path folder) {
    return JavaCommand.fromLib("kafka.lib")
        .flags(JavaCommand.QUICK)
        .flags("-Xmx512m")
        .flags(Logs.flag(folder.resolve("log4j2.properties")));
  }

  /** Starts the broker again on its existing data, without waiting for it. */
  public void restart() throws IOException {
    broker =
        processes.start(
            "kafka", java().line("kafka.Kafka", List.of(properties.toString())), Map.of());
  }

  /** Waits until the broker answers. */
  public void await() {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      Awaitility.await("the broker answers")
          .atMost(PATIENCE)
          .failFast("the broker ended", () -> !broker.isAlive())
          .until(() -> !admin.describeCluster().nodes().get().isEmpty());
    }
  }

  /** Returns the value of {@code bootstrap.servers} for clients. */
  public String bootstrapServers() {
    return bootstrapServers;
  }

  /** Returns the broker process, which can be killed or paused. */
  public ChildProcess broker() {
    return broker;
  }

  /**
   * Makes Kafka's command line tools available as in a distribution.
   *
   * @return a directory with {@code kafka-console-producer.sh} and the like, for the PATH
   */
  public static Path tools(Processes processes) throws IOException {
    Path bin = processes.data("kafka-bin");
    Files.writeString(bin.resolve("log4j2.properties"), Logs.SETTINGS);
    Map<String, String> tools =
        Map.of(
            "kafka-acls.sh", "org.apache.kafka.tools.AclCommand",
            "kafka-topics.sh", "org.apache.kafka.tools.TopicCommand",
            "kafka-console-producer.sh", "org.apache.kafka.tools.ConsoleProducer",
            "kafka-console-consumer.sh", "org.apache.kafka.tools.consumer.ConsoleConsumer");
    for (Map.Entry<String, String> tool : tools.entrySet()) {
      java(bin).writeScript(bin.resolve(tool.getKey()), tool.getValue(), Map.of());
    }
    return bin;
  }
}
