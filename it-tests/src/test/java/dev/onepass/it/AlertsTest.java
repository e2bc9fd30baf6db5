// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.onepass.testkit.records.Records;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Every alert fires in a test, stays silent in another, and has its cure in docs/operations.md. */
class AlertsTest {

  private static final Path DIRECTORY = Path.of("../docker/prometheus");
  private static final Path OPERATIONS = Path.of("../docs/operations.md");

  /** A row of the table under the line that names alerts.yml. */
  private static final Pattern ROW = Pattern.compile("\\| `(\\w+)` \\| ([^|]+) \\| ([^|]+) \\|");

  private static JsonNode yaml(String file) throws IOException {
    try (Reader reader = Files.newBufferedReader(DIRECTORY.resolve(file))) {
      Load load = new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build());
      return Records.JSON.valueToTree(load.loadFromReader(reader));
    }
  }

  private static List<String> alerts() throws IOException {
    List<String> names = new ArrayList<>();
    for (JsonNode group : yaml("alerts.yml").get("groups")) {
      group.get("rules").forEach(rule -> names.add(rule.get("alert").textValue()));
    }
    assertThat(names).hasSizeGreaterThanOrEqualTo(15).doesNotHaveDuplicates();
    return names;
  }

  @Test
  void everyAlertHasACaseInWhichItFiresAndOneInWhichItDoesNot() throws IOException {
    List<String> firing = new ArrayList<>();
    List<String> silent = new ArrayList<>();
    for (JsonNode test : yaml("alerts.test.yml").get("tests")) {
      for (JsonNode rule : test.get("alert_rule_test")) {
        JsonNode expected = rule.path("exp_alerts");
        (expected.isEmpty() ? silent : firing).add(rule.get("alertname").textValue());
      }
    }
    // One that is misspelt would be silent for ever.
    assertThat(firing).containsAll(alerts()).isSubsetOf(alerts());
    assertThat(silent).containsAll(alerts()).isSubsetOf(alerts());
  }

  @Test
  void everyAlertHasItsCureAndNoCureIsWithoutAnAlert() throws IOException {
    List<String> lines = Files.readAllLines(OPERATIONS);
    List<String> rows =
        lines.stream()
            .dropWhile(line -> !line.startsWith("| alert | means | cure |"))
            .skip(2)
            .takeWhile(line -> line.startsWith("|"))
            .toList();
    List<String> cured = new ArrayList<>();
    for (String row : rows) {
      Matcher matcher = ROW.matcher(row);
      assertThat(matcher.matches()).as(row).isTrue();
      assertThat(List.of(matcher.group(2), matcher.group(3))).noneMatch(String::isBlank);
      cured.add(matcher.group(1));
    }
    assertThat(cured).containsExactlyInAnyOrderElementsOf(alerts());
  }

  @Test
  @Timeout(120)
  void prometheusTakesTheRulesAndTheCasesHold() throws Exception {
    if (promtool() == null) {
      Missing.doNotRun(
          "NOT TESTED: docker/prometheus/alerts.test.yml, because promtool is not installed (Debian: prometheus).");
    }
    assertThat(promtool("check", "rules", "alerts.yml")).contains("SUCCESS");
    assertThat(promtool("test", "rules", "alerts.test.yml")).contains("SUCCESS");
  }

  private static Path promtool() {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(directory -> Path.of(directory, "promtool"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  /** What it says; it ends with 0 only where everything is in order. */
  private static String promtool(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(promtool().toString()));
    command.addAll(Arrays.asList(arguments));
    Process process =
        new ProcessBuilder(command).directory(DIRECTORY.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
