// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Checks that the table of papers in {@code docs/algorithms.md} is complete, and that the classes,
 * options, tests and commands that it names exist.
 */
class PapersTableTest {

  private static final Path ROOT = Path.of("..");
  private static final Path DOCS = ROOT.resolve("docs");

  private static final List<String> COLUMNS =
      List.of(
          "paper", "what it says", "class", "option", "test", "command", "where its premise fails");

  private static final List<String> PAPERS =
      List.of(
          "2302.13214",
          "2311.14652",
          "2408.08494",
          "2009.03527",
          "2204.06653",
          "2410.05462",
          "2304.04397");

  private static final Pattern CELLS = Pattern.compile("(?<!\\\\)\\|");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  /** The beginning of a command that runs tests. */
  private static final String TESTS = "mvn -B -pl sketch test -Dtest=";

  /** Returns the rows of the table, each with its cells. */
  private static List<List<String>> rows() throws IOException {
    List<List<String>> rows = new ArrayList<>();
    boolean inTable = false;
    for (String line : Files.readAllLines(DOCS.resolve("algorithms.md"))) {
      List<String> cells =
          line.startsWith("|")
              ? Arrays.stream(CELLS.split(line)).skip(1).map(String::strip).toList()
              : List.of();
      if (inTable && !cells.isEmpty() && !cells.get(0).startsWith("---")) {
        rows.add(cells);
      }
      inTable = cells.equals(COLUMNS) || (inTable && !cells.isEmpty());
    }
    return rows;
  }

  /** Returns what a column names, of all rows. */
  private static List<String> names(String column) throws IOException {
    List<String> names = new ArrayList<>();
    for (List<String> row : rows()) {
      Matcher code = CODE.matcher(row.get(COLUMNS.indexOf(column)));
      int before = names.size();
      while (code.find()) {
        names.add(code.group(1));
      }
      assertThat(names).as("%s of %s", column, row.get(0)).hasSizeGreaterThan(before);
    }
    assertThat(names).isNotEmpty();
    return names;
  }

  /** Returns the text of the only file of this name among the sources of all modules. */
  private static String source(String kind, String name) throws IOException {
    try (Stream<Path> modules = Files.list(ROOT)) {
      List<Path> found = new ArrayList<>();
      for (Path module : modules.toList()) {
        Path sources = module.resolve("src").resolve(kind).resolve("java");
        if (Files.isDirectory(sources)) {
          try (Stream<Path> files = Files.walk(sources)) {
            files.filter(file -> file.endsWith(name + ".java")).forEach(found::add);
          }
        }
      }
      assertThat(found).as("sources named %s in src/%s", name, kind).hasSize(1);
      return Files.readString(found.get(0));
    }
  }

  @Test
  void everyPaperHasOneRowWithoutGaps() throws IOException {
    List<List<String>> rows = rows();
    assertThat(rows).hasSameSizeAs(PAPERS);
    for (int i = 0; i < PAPERS.size(); i++) {
      assertThat(rows.get(i))
          .hasSameSizeAs(COLUMNS)
          .allSatisfy(cell -> assertThat(cell).hasSizeGreaterThan(3));
      assertThat(rows.get(i).get(0)).contains("https://arxiv.org/abs/" + PAPERS.get(i));
    }
  }

  @Test
  void everyClassExists() throws IOException {
    for (String name : names("class")) {
      assertThat(source("main", name)).containsPattern("(class|record|interface) " + name + "\\b");
    }
  }

  /** An option may be followed by a value, which its description must name. */
  @Test
  void everyOptionExists() throws IOException {
    List<String> options = Files.readAllLines(DOCS.resolve("options.md"));
    for (String name : names("option")) {
      String[] parts = name.split(": ");
      String row =
          options.stream()
              .filter(line -> line.startsWith("| `" + parts[0] + "` |"))
              .findFirst()
              .orElseGet(() -> fail("docs/options.md has no option " + parts[0]));
      if (parts.length > 1) {
        assertThat(row).containsPattern("\\b" + parts[1] + "\\b");
      }
    }
  }

  @Test
  void everyTestExists() throws IOException {
    for (String name : names("test")) {
      String[] parts = name.split("\\.");
      assertThat(parts).as("class and method of %s", name).hasSize(2);
      assertThat(source("test", parts[0])).contains("void " + parts[1] + "(");
    }
  }

  /** A command is one of the benchmarks with its options, or runs a class of tests. */
  @Test
  void everyCommandExists() throws IOException {
    String bench = sourcesOf("bench");
    String claims = Files.readString(DOCS.resolve("claims.md"));
    for (String command : names("command")) {
      if (command.startsWith(TESTS)) {
        source("test", command.substring(TESTS.length()));
        continue;
      }
      String[] words = command.split(" ");
      assertThat(bench).contains("name = \"" + words[0] + "\"");
      for (int i = 1; i < words.length; i++) {
        if (words[i].startsWith("--")) {
          assertThat(bench).contains("\"" + words[i] + "\"");
        } else if (words[i - 1].equals("--only")) {
          for (String claim : words[i].split(",")) {
            assertThat(claims).contains("claims --only " + claim + " ");
          }
        }
      }
    }
  }

  private static String sourcesOf(String module) throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
      StringBuilder text = new StringBuilder();
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        text.append(Files.readString(file));
      }
      return text.toString();
    }
  }
}
