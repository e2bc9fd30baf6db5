package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.testkit.process.Processes;
import dev.onepass.testkit.records.Records;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;

/**
 * The lines of docs/clients.md, for parameterized tests: blocks of sh are run, blocks that begin
 * with a comment of a file's name are written to that file, and blocks of json and text are what
 * the lines before them must have printed, among whatever else.
 */
final class ClientsPage {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Sections of clients that are not Kafka's own, and how to see whether they are installed. */
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

  private final Processes processes;
  private final String bootstrapServers;
  private final Map<String, String> environment;
  private final Path directory;
  private int lines;

  /**
   * Of a user who has only the definition of the messages.
   *
   * @param bootstrapServers in place of those on the page
   * @param environment what lines get beside this JVM's environment
   */
  ClientsPage(Processes processes, String bootstrapServers, Map<String, String> environment)
      throws IOException {
    this.processes = processes;
    this.bootstrapServers = bootstrapServers;
    this.environment = environment;
    directory = processes.data("user");
    Files.copy(Path.of(System.getProperty("job.proto")), directory.resolve("onepass.proto"));
  }

  /** All sections, in the page's order. */
  static Stream<Named<Page.Section>> sections() throws IOException {
    return Page.read(Path.of(System.getProperty("clients.page"))).stream()
        .map(section -> Named.of(section.title(), section));
  }

  /** Those that only need a job that runs, and clients that are not Kafka's own. */
  static Stream<Named<Page.Section>> sectionsOfOtherClients() throws IOException {
    return sections().filter(section -> NEEDS.containsKey(section.getName()));
  }

  /** The folder in which lines are run. */
  Path directory() {
    return directory;
  }

  /** Does what a section says, and checks that it prints what the section says. */
  void follow(Page.Section section) throws Exception {
    String need = NEEDS.getOrDefault(section.title(), "true");
    if (!Docker.succeeds("sh", "-c", need)) {
      Missing.doNotRun(
          "docs/clients.md, " + section.title() + ", was NOT TESTED, for lack of: " + need);
    }
    String printed = "";
    for (Page.Block block : section.blocks()) {
      String text = block.text().replace("localhost:9092", bootstrapServers);
      switch (block.language()) {
        case "sh" -> printed = run(text);
        case "json" -> checkJson(printed, text);
        case "text" -> assertThat(printed.lines()).containsSubsequence(text.lines().toList());
        default -> Files.writeString(directory.resolve(fileName(text)), text);
      }
    }
  }

  private static String fileName(String text) {
    assertThat(text).startsWith("# ");
    return text.substring(2, text.indexOf('\n'));
  }

  private String run(String text) throws IOException {
    return processes.run(
        "page-" + ++lines,
        List.of("bash", "-euo", "pipefail", "-c", "cd '" + directory + "'\n" + text),
        environment,
        PATIENCE);
  }

  /** Every JSON line that was printed must be told, to rounding, and in no order. */
  private static void checkJson(String printed, String told) {
    List<JsonNode> expected = told.lines().map(ClientsPage::json).toList();
    List<JsonNode> actual =
        printed.lines().filter(line -> line.startsWith("{")).map(ClientsPage::json).toList();
    assertThat(actual)
        .usingElementComparator((a, b) -> a.equals(CLOSE, b) ? 0 : 1)
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  private static JsonNode json(String line) {
    return Records.parse(Records.bytes(line));
  }
}
