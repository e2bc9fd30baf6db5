package dev.onepass.sketch;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Vectors must not become objects. That hangs on what a process compiled first, so this looks at a
 * fresh one; with one compiler instead of two in turn, what can go wrong does so every time.
 */
@Tag("kernels")
class GarbageTest {

  /** A cut block of tokens is a copy of 256; features of a block are kept for none. */
  private static final long FOR_A_TOKEN = 8_000;

  /** The output, what a read-out writes down and what it says. */
  private static final long FOR_A_QUERY = 16_000;

  @TempDir Path folder;

  @Test
  void foldsAndAnswersAllocateLittle() throws Exception {
    List<String> lines = freshProcess();
    assertThat(lines).hasSameSizeAs(FamilyCase.all());
    for (String line : lines) {
      String[] words = line.split(" ");
      assertThat(Long.parseLong(words[1])).as(line).isBetween(0L, FOR_A_TOKEN);
      assertThat(Long.parseLong(words[2])).as(line).isBetween(0L, FOR_A_QUERY);
    }
  }

  private List<String> freshProcess() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-XX:-TieredCompilation");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Garbage.class.getName());
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
    return Files.readAllLines(out);
  }
}
