package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.it.cluster.FlinkProcesses;
import dev.onepass.it.cluster.KafkaProcess;
import dev.onepass.it.cluster.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients that are not of this project, by the lines of docs/clients.md: blocks of sh are run,
 * blocks that begin with a comment of a file's name are written to that file, and blocks of json
 * and text are what the lines before them must have printed, among whatever else.
 */
@Timeout(180)
class ClientsITCase {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Of each topic on the page. */
  private static final int PARTITIONS = 4;

  /** How to see whether what a section needs is installed. */
  private static final Map<String, String> NEEDS =
      Map.of(
          "kcat", "command -v kcat",
          "Python", "/usr/bin/python3 -c 'import kafka'",
          "Protobuf with kcat", "command -v kcat && command -v protoc",
          "Protobuf with Python",
              "command -v protoc && /usr/bin/python3 -c 'import kafka, google.protobuf'");

  /** Numbers may differ in what processors round differently. */
  private static final Comparator<JsonNode> CLOSE =
      (a, b) ->
          a.isNumber() && b.isNumber() && Math.abs(a.doubleValue() - b.doubleValue()) < 1e-5
              ? 0
              : a.equals(b) ? 0 : 1;

  @RegisterExtension static final Processes PROCESSES = new Processes();

  private static KafkaProcess kafka;
  private static Client client;
  private static Path directory;
  private static String path;
  private static int lines;

  @BeforeAll
  static void startCluster() throws Exception {
    kafka = KafkaProcess.start(PROCESSES);
    FlinkProcesses flink = FlinkProcesses.session(PROCESSES, 1, Map.of());
    kafka.await();
    client = new Client(kafka.bootstrapServers());
    directory = PROCESSES.data("user");
    Files.createSymbolicLink(directory.resolve("onepass-job.jar"), JobFile.JAR.toRealPath());
    Files.copy(Path.of(System.getProperty("job.proto")), directory.resolve("onepass.proto"));
    path = kafka.tools() + ":" + flink.tools() + ":" + System.getenv("PATH");
  }

  static Stream<Arguments> sections() throws IOException {
    return Page.read(Path.of(System.getProperty("clients.page"))).stream()
        .map(section -> Arguments.of(Named.of(section.title(), section)));
  }

  @ParameterizedTest
  @MethodSource("sections")
  void linesDoWhatThePageSays(Page.Section section) throws Exception {
    String need = NEEDS.getOrDefault(section.title(), "true");
    if (new ProcessBuilder("sh", "-c", need).start().waitFor() != 0) {
      Missing.doNotRun(
          "docs/clients.md, " + section.title() + ", was NOT TESTED, for lack of: " + need);
    }
    String printed = "";
    for (Page.Block block : section.blocks()) {
      String text = block.text().replace("localhost:9092", kafka.bootstrapServers());
      switch (block.language()) {
        case "sh" -> printed = run(text);
        case "json" -> checkJson(printed, text);
        case "text" -> assertThat(printed.lines()).containsSubsequence(text.lines().toList());
        default -> Files.writeString(directory.resolve(fileName(text)), text);
      }
    }
  }

  @AfterEach
  void emptyTopicsThatAreRead() throws Exception {
    for (String topic : client.topics()) {
      if (topic.endsWith(".outputs") || topic.endsWith(".dead-letters")) {
        client.truncate(topic);
      }
    }
  }

  private static String fileName(String text) {
    assertThat(text).startsWith("# ");
    return text.substring(2, text.indexOf('\n'));
  }

  private static String run(String text) throws IOException {
    return PROCESSES.run(
        "page-" + ++lines,
        List.of("bash", "-euo", "pipefail", "-c", "cd '" + directory + "'\n" + text),
        Map.of("PATH", path),
        PATIENCE);
  }

  /** Every JSON line that was printed must be told, to rounding, and in no order. */
  private static void checkJson(String printed, String told) {
    List<JsonNode> expected = told.lines().map(ClientsITCase::json).toList();
    List<JsonNode> actual =
        printed.lines().filter(line -> line.startsWith("{")).map(ClientsITCase::json).toList();
    assertThat(actual)
        .usingElementComparator((a, b) -> a.equals(CLOSE, b) ? 0 : 1)
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  private static JsonNode json(String line) {
    return Records.parse(Records.bytes(line));
  }

  /** Whoever sent a token, its sequence is where Java's clients would have it. */
  @AfterAll
  static void checkPartitions() throws Exception {
    try (Client open = client) {
      for (String topic : open.topics()) {
        if (topic.endsWith(".tokens")) {
          open.read(topic, Duration.ofSeconds(1), soFar -> false)
              .forEach(
                  token ->
                      assertThat(token.partition())
                          .isEqualTo(BuiltInPartitioner.partitionForKey(token.key(), PARTITIONS)));
        }
      }
    }
  }
}
