// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.testkit.process.FlinkRest;
import dev.onepass.testkit.process.Processes;
import dev.onepass.testkit.records.Client;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.kafka.KafkaContainer;

/** Tests the job, embedded in this JVM and in its image, against a broker in Kafka's image. */
@Timeout(600)
class ContainersITCase {

  private static final int TOKENS = 1_500;
  private static final int SEQUENCES = 8;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String KAFKA_INSIDE = "kafka:19092";
  private static final Pattern JOB_ID = Pattern.compile("JobID ([0-9a-f]{32})");

  private static final String FLINK_PROPERTIES =
      """
      jobmanager.rpc.address: jobmanager
      jobmanager.memory.process.size: 768m
      taskmanager.memory.process.size: 1g
      taskmanager.numberOfTaskSlots: 2
      taskmanager.load-balance.mode: SLOTS
      state.backend.type: rocksdb
      execution.checkpointing.interval: 1s
      execution.checkpointing.storage: jobmanager
      restart-strategy.type: fixed-delay
      restart-strategy.fixed-delay.attempts: 100
      restart-strategy.fixed-delay.delay: 500ms
      heartbeat.interval: 2s
      heartbeat.timeout: 20s
      env.java.opts.taskmanager: --add-modules=jdk.incubator.vector
      """;

  @RegisterExtension static final Processes PROCESSES = new Processes();

  @RegisterExtension
  static final TestExecutionExceptionHandler LOGS =
      (context, failure) -> {
        printLogs();
        throw failure;
      };

  @TempDir static Path directory;

  private static LastLine cleaning;
  private static Network network;
  private static KafkaContainer kafka;
  private static GenericContainer<?> jobManager;
  private static List<GenericContainer<?>> taskManagers = List.of();

  @BeforeAll
  static void startBroker() throws Exception {
    Docker docker = new Docker(PROCESSES, "Kafka and Flink in containers");
    docker.buildJobImage();
    // Removes the containers even if the image of Ryuk, which usually does it, is not available.
    cleaning =
        new LastLine(
            "docker ps -aq --filter label=org.testcontainers.sessionId=%s | xargs -r docker rm -fv"
                .formatted(DockerClientFactory.SESSION_ID));
    network = Network.newNetwork();
    kafka =
        new KafkaContainer("apache/kafka:4.2.0").withNetwork(network).withListener(KAFKA_INSIDE);
    kafka.start();
  }

  private static void printLogs() {
    Stream.concat(Stream.of(kafka), flink().stream())
        .forEach(
            container ->
                System.err.println(
                    "---- " + container.getDockerImageName() + "\n" + tail(container)));
  }

  @AfterAll
  static void stop() throws Exception {
    flink().forEach(GenericContainer::stop);
    if (kafka != null) {
      kafka.stop();
      network.close();
    }
    if (cleaning != null) {
      cleaning.close();
    }
  }

  @Test
  void embeddedJobAnswersThroughTheBroker() throws Exception {
    try (Cluster cluster =
        Cluster.start(directory, kafka.getBootstrapServers(), new Configuration())) {
      Client.Topics topics = cluster.createTopics("embedded", Map.of());
      Traffic traffic = new Traffic(cluster, topics, SEQUENCES, TOKENS, 21);
      cluster.submit(topics, Traffic.OPTIONS);

      traffic.send(0, TOKENS);
      traffic.askForAll();

      traffic.check(cluster.readExactly(topics.outputs(), traffic.asked(), PATIENCE));
    }
  }

  @Test
  void noAnswerIsLostOrDuplicatedWhenAContainerIsKilled() throws Exception {
    startFlink();
    try (Client client = new Client(kafka.getBootstrapServers())) {
      Client.Topics topics = client.createTopics("containers", Map.of());
      Traffic traffic = new Traffic(client, topics, SEQUENCES, TOKENS, 22);
      String job = submit(topics);
      FlinkRest rest = new FlinkRest(jobManager.getMappedPort(8081));
      rest.awaitRunning(job, PATIENCE);
      traffic.send(0, TOKENS / 2);
      assertThat(client.read(topics.outputs(), PATIENCE, answers -> answers.size() >= 50))
          .hasSizeGreaterThanOrEqualTo(50);

      CompletableFuture<Void> sending = traffic.sendSlowly(TOKENS / 2, TOKENS);
      kill(taskManagers.get(0));
      sending.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      traffic.askForAll();

      traffic.check(client.readExactly(topics.outputs(), traffic.asked(), PATIENCE));
      assertThat(rest.wasRestarted(job)).isTrue();
    }
  }

  private static void startFlink() {
    jobManager =
        flinkContainer("jobmanager")
            .withNetworkAliases("jobmanager")
            .withExposedPorts(8081)
            .waitingFor(Wait.forHttp("/overview").withStartupTimeout(PATIENCE));
    jobManager.start();
    taskManagers = List.of(flinkContainer("taskmanager"), flinkContainer("taskmanager"));
    taskManagers.parallelStream().forEach(GenericContainer::start);
    FlinkRest rest = new FlinkRest(jobManager.getMappedPort(8081));
    Awaitility.await("the task managers are registered")
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(rest::taskManagers, Predicate.isEqual(taskManagers.size()));
  }

  private static GenericContainer<?> flinkContainer(String role) {
    return new GenericContainer<>(Docker.JOB_IMAGE)
        .withNetwork(network)
        .withEnv("FLINK_PROPERTIES", FLINK_PROPERTIES)
        .withCommand(role);
  }

  /** Submits the job with the Flink client of the image. */
  private static String submit(Client.Topics topics) throws Exception {
    Path options =
        JobFile.write(
            directory.resolve("job.yaml"),
            Traffic.OPTIONS,
            topics.options(),
            Map.of(
                "kafka.bootstrap.servers",
                KAFKA_INSIDE,
                "kafka.delivery-guarantee",
                "exactly-once",
                "kafka.transactional-id-prefix",
                "containers"));
    jobManager.copyFileToContainer(Transferable.of(Files.readString(options)), "/tmp/job.yaml");
    Container.ExecResult run =
        jobManager.execInContainer(
            "flink",
            "run",
            "-d",
            "-p",
            "2",
            "/opt/flink/usrlib/onepass-job.jar",
            "--config",
            "/tmp/job.yaml");
    Matcher submitted = JOB_ID.matcher(run.getStdout());
    assertThat(submitted.find()).as("%s", run).isTrue();
    return submitted.group(1);
  }

  private static void kill(GenericContainer<?> container) {
    container.getDockerClient().killContainerCmd(container.getContainerId()).exec();
  }

  private static List<GenericContainer<?>> flink() {
    return jobManager == null
        ? List.of()
        : Stream.concat(Stream.of(jobManager), taskManagers.stream()).toList();
  }

  private static String tail(GenericContainer<?> container) {
    List<String> lines = container.getLogs().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
  }
}
