package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.onepass.testkit.process.FlinkProcesses;
import dev.onepass.testkit.process.KafkaProcess;
import dev.onepass.testkit.process.Processes;
import dev.onepass.testkit.records.Client;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests the job under exactly-once on a session cluster of processes, with Flink's client. */
@Timeout(180)
class SessionModeITCase {

  private static final int TOKENS = 1_500;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @RegisterExtension static final Processes PROCESSES = new Processes();

  private static KafkaProcess kafka;
  private static FlinkProcesses flink;
  private static Client client;

  @BeforeAll
  static void startCluster() throws Exception {
    kafka = KafkaProcess.start(PROCESSES);
    flink = FlinkProcesses.session(PROCESSES, 2, Map.of());
    kafka.await();
    client = new Client(kafka.bootstrapServers());
  }

  @AfterAll
  static void closeClient() {
    client.close();
  }

  @Test
  void savepointResumesAtAnotherParallelism() throws Exception {
    Client.Topics topics = client.createTopics("rescaled", Map.of());
    String options = jobFile("rescaled", topics).toString();
    Traffic traffic = new Traffic(client, topics, 8, TOKENS, 11);
    String first = flink.run("-p", "2", JobFile.JAR.toString(), "--config", options);
    traffic.send(0, TOKENS / 2 + 7);
    // These queries wait in state for tokens that are sent after the savepoint.
    traffic.askForAll();
    int due = traffic.asked() - 8;
    assertThat(client.read(topics.outputs(), PATIENCE, answers -> answers.size() >= due))
        .hasSize(due);

    String savepoint = flink.stop(first);
    assertThat(flink.rest().status(first)).isEqualTo("FINISHED");
    String second =
        flink.run("-s", savepoint, "-p", "4", JobFile.JAR.toString(), "--config", options);
    traffic.send(TOKENS / 2 + 7, TOKENS);

    checkAnswers(topics, traffic);
    flink.cancel(second);
  }

  @Test
  void noAnswerIsLostOrDuplicatedWhenATaskManagerIsKilled() throws Exception {
    Client.Topics topics = client.createTopics("killed", Map.of());
    Traffic traffic = new Traffic(client, topics, 8, TOKENS, 12);
    String job =
        flink.run(
            "-p", "2", JobFile.JAR.toString(), "--config", jobFile("killed", topics).toString());
    CompletableFuture<Void> sending = traffic.sendSlowly(0, TOKENS);
    // At this point some answers are committed and others are in flight.
    assertThat(client.read(topics.outputs(), PATIENCE, answers -> answers.size() >= 50))
        .hasSizeGreaterThanOrEqualTo(50);
    assertThat(sending).isNotDone();
    flink.aliveTaskManagers().get(0).kill();
    flink.startTaskManager();
    sending.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    traffic.askForAll();

    checkAnswers(topics, traffic);
    assertThat(flink.rest().wasRestarted(job)).isTrue();
    flink.cancel(job);
    flink.awaitTaskManagers(2);
  }

  private static Path jobFile(String name, Client.Topics topics) throws IOException {
    return JobFile.write(
        PROCESSES.data("job").resolve(name + ".yaml"),
        Traffic.OPTIONS,
        topics.options(),
        Map.of(
            "kafka.bootstrap.servers",
            kafka.bootstrapServers(),
            "kafka.delivery-guarantee",
            "exactly-once",
            "kafka.transactional-id-prefix",
            name));
  }

  private static void checkAnswers(Client.Topics topics, Traffic traffic) {
    traffic.check(client.readExactly(topics.outputs(), traffic.asked(), PATIENCE));
    assertThat(client.read(topics.deadLetters(), Duration.ofSeconds(1), soFar -> false)).isEmpty();
  }
}
