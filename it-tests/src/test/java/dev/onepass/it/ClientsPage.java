// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

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
 * The code blocks of docs/clients.md, for parameterized tests. An {@code sh} block is run. A {@code
 * json} or {@code text} block is expected in the output of the block before it. Any other block
 * begins with a comment that names a file, and is written to that file.
 */
final class ClientsPage {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /**
   * Sections about other clients than Kafka's, each with a command that succeeds if it is there.
   */
  private static final Map<String, String> NEEDS =
      Map.of(
          "kcat", "command -v kcat",
          "Python", "/usr/bin/python3 -c 'import kafka'",
          "Protobuf with kcat", "command -v kcat && command -v protoc",
          "Protobuf with Python",
              "command -v protoc && /usr/bin/python3 -c 'import kafka, google.protobuf'");

  /** Compares JSON values; numbers may differ by rounding, which depends on the processor. */
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
   * Prepares a folder that contains only the definition of the Protobuf messages.
   *
   * @param bootstrapServers brokers that replace those of the page
   * @param environment variables for the commands, in addition to the environment of this JVM
   */
  ClientsPage(Processes processes, String bootstrapServers, Map<String, String> environment)
      throws IOException {
    this.processes = processes;
    this.bootstrapServers = bootstrapServers;
    this.environment = environment;
    directory = processes.data("user");
    Files.copy(Path.of(System.getProperty("job.proto")), directory.resolve("onepass.proto"));
  }

  /** Returns all sections, in the order of the page. */
  static Stream<Named<Page.Section>> sections() throws IOException {
    return Page.read(Path.of(System.getProperty("clients.page"))).stream()
        .map(section -> Named.of(section.title(), section));
  }

  /** Returns the sections about other clients than Kafka's, which only need a running job. */
  static Stream<Named<Page.Section>> sectionsOfOtherClients() throws IOException {
    return sections().filter(section -> NEEDS.containsKey(section.getName()));
  }

  /** Returns the folder in which commands run. */
  Path directory() {
    return directory;
  }

  /** Runs the commands of a section and compares their output with the section. */
  void follow(Page.Section section) throws Exception {
    String need = NEEDS.getOrDefault(section.title(), "true");
    if (!Docker.succeeds("sh", "-c", need)) {
      Missing.doNotRun(
          "NOT TESTED: docs/clients.md, section \"%s\", because this command fails: %s"
              .formatted(section.title(), need));
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

  /** Compares the JSON lines of an output with those of the page, in any order, up to rounding. */
  private static void checkJson(String printed, String page) {
    List<JsonNode> expected = page.lines().map(ClientsPage::json).toList();
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
