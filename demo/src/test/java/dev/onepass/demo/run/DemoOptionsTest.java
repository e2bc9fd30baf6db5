// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.registry.SketchFamilies;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
