// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.sequence.Decay;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DemoOptionsTest {
  @TempDir Path directory;

  @Test
  void hasDefaultsForEverything() throws Exception {
    DemoOptions options = CommandLine.populateCommand(new DemoOptions());
    options.check();

    assertThat(options.tokens).isEqualTo(131_072);
    assertThat(options.heads()).hasToString("[L0H7, L3H9, L1H8]");
    assertThat(options.stateSize(256)).isEqualTo(128 << 10);
    assertThat(options.longestShort(256)).isEqualTo(80);
    assertThat(options.sketch.name()).isEqualTo("hybrid");
  }

  @Test
  void acceptsEverySketch() {
    for (SketchFamily family : SketchFamilies.all()) {
      DemoOptions options =
          CommandLine.populateCommand(new DemoOptions(), "--sketch", family.name());
      assertThat(options.sketch).isSameAs(family);
    }
    assertThatThrownBy(() -> CommandLine.populateCommand(new DemoOptions(), "--sketch", "none"))
        .hasMessageContaining("there is no sketch 'none'; the sketches are exact, polynomial,");
  }

  @Test
  void makesShortSequencesShorterForASmallerStateSize() {
    DemoOptions options = CommandLine.populateCommand(new DemoOptions(), "--state-size", "8KiB");
    assertThat(options.longestShort(256)).isEqualTo(8);
  }

  @Test
  void namesTheInvalidOption() {
    DemoOptions options = CommandLine.populateCommand(new DemoOptions(), "--tokens", "0");
    assertThatThrownBy(options::check).hasMessage("--tokens must be at least 1, not 0.");
    DemoOptions ports = CommandLine.populateCommand(new DemoOptions(), "--ui-port", "70000");
    assertThatThrownBy(ports::check).hasMessageContaining("--ui-port");
  }

  @Test
  void writesTheJobsOptionsAsFlatYaml() throws Exception {
    DemoOptions options =
        CommandLine.populateCommand(new DemoOptions(), "--heads", "L0H7", "--sketch", "exact");
    Path file = directory.resolve("job.yaml");

    JobConfig.write(file, JobConfig.options(options, "localhost:9092", null));

    assertThat(Files.readAllLines(file))
        .contains(
            "kafka.bootstrap.servers: \"localhost:9092\"",
            "sketch.type: \"exact\"",
            "sketch.state-size: \"65536KiB\"",
            "heads: \"L0H7\"",
            "head.L0H7.key-dim: \"32\"")
        .noneMatch(line -> line.startsWith("anchors.file"));
  }

  @Test
  void passesTheAnchorSetFileToTheJob() {
    DemoOptions options = CommandLine.populateCommand(new DemoOptions());

    assertThat(JobConfig.options(options, "localhost:9092", directory.resolve("a")))
        .containsEntry("sketch.type", "hybrid")
        .containsEntry("anchors.file", directory.resolve("a").toString());
  }

  @Test
  void readsHalfLivesInTimeAndInTokens() {
    assertThat(CommandLine.populateCommand(new DemoOptions()).decay).isEqualTo(Decay.NONE);
    assertThat(decay("10m")).isEqualTo(Decay.byTime(Duration.ofMinutes(10)));
    assertThat(decay("250 ms")).isEqualTo(Decay.byTime(Duration.ofMillis(250)));
    assertThat(decay("36h")).isEqualTo(Decay.byTime(Duration.ofHours(36)));
    assertThat(decay("90s")).isEqualTo(Decay.byTime(Duration.ofSeconds(90)));
    assertThat(decay("365d")).isEqualTo(Decay.byTime(Duration.ofDays(365)));
    assertThat(decay("8192")).isEqualTo(Decay.byTokens(8_192));
  }

  private static Decay decay(String halfLife) {
    return CommandLine.populateCommand(new DemoOptions(), "--decay", halfLife).decay;
  }

  @Test
  void refusesWhatIsNoHalfLifeInASentence() {
    for (String wrong : List.of("soon", "10 parsecs", "-5m", "1.5h", "m", "")) {
      assertThatThrownBy(() -> decay(wrong))
          .hasMessageContaining("--decay")
          .hasMessageContaining(
              "'%s' is neither a duration such as 10m, with one of the units ms, s, m, h and d, nor a number of tokens such as 8192"
                  .formatted(wrong));
    }
    assertThatThrownBy(() -> decay("0s"))
        .hasMessageContaining("'0s' is not between 1 and 2^53 milliseconds");
    assertThatThrownBy(() -> decay("0"))
        .hasMessageContaining("'0' is not between 1 and 2^53 tokens");
    assertThatThrownBy(() -> decay("99999999999999999999d")).hasMessageContaining("milliseconds");
  }

  @Test
  void passesTheHalfLifeToTheJobAndTellsItInWords() {
    assertThat(options("10m"))
        .containsEntry("decay.half-life", "600000 ms")
        .doesNotContainKey("decay.half-life-tokens");
    assertThat(options("8192"))
        .containsEntry("decay.half-life-tokens", "8192")
        .doesNotContainKey("decay.half-life");
    assertThat(
            JobConfig.options(
                    CommandLine.populateCommand(new DemoOptions()), "localhost:9092", null)
                .keySet())
        .noneMatch(option -> option.startsWith("decay"));
    assertThat(HalfLife.words(decay("600s"))).isEqualTo("10 m");
    assertThat(HalfLife.words(decay("1500ms"))).isEqualTo("1500 ms");
    assertThat(HalfLife.words(decay("48h"))).isEqualTo("2 d");
    assertThat(HalfLife.words(decay("8192"))).isEqualTo("8192 tokens");
  }

  private static Map<String, String> options(String halfLife) {
    DemoOptions options = CommandLine.populateCommand(new DemoOptions(), "--decay", halfLife);
    return JobConfig.options(options, "localhost:9092", null);
  }
}
