// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Vectors must not become objects. That depends on what a process compiled first, so each case has
 * a new process. With one compiler instead of two, a problem occurs every time.
 */
class GarbageTest {

  /** A block that was cut out of another is a copy of 256 tokens; features take the most. */
  private static final long FOR_A_TOKEN = 8_000;

  /** The output, what a readout computes and returns, and what some JDKs compile later. */
  private static final long FOR_A_QUERY = 40_000;

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource("cases")
  void foldsAndAnswersAllocateLittle(int index, FamilyCase family) throws Exception {
    String[] words = freshProcess(index).split(" ");
    assertThat(Long.parseLong(words[0])).as("bytes a token").isBetween(0L, FOR_A_TOKEN);
    assertThat(Long.parseLong(words[1])).as("bytes a query").isBetween(0L, FOR_A_QUERY);
  }

  static List<Arguments> cases() {
    List<FamilyCase> all = FamilyCase.all();
    return IntStream.range(0, all.size()).mapToObj(i -> arguments(i, all.get(i))).toList();
  }

  private String freshProcess(int index) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-XX:-TieredCompilation");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Garbage.class.getName());
    command.add(Integer.toString(index));
    Path out = folder.resolve("out");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("ended in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).isZero();
    return Files.readString(out).strip();
  }
}
