package dev.onepass.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
  }

  @Test
  void keepsShortSequencesShorterInLessState() {
    DemoOptions options = CommandLine.populateCommand(new DemoOptions(), "--state-size", "8KiB");
    assertThat(options.longestShort(256)).isEqualTo(8);
  }

  @Test
  void namesTheOptionThatCannotBe() {
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

    JobConfig.write(file, JobConfig.options(options, "localhost:9092"));

    assertThat(Files.readAllLines(file))
        .contains(
            "kafka.bootstrap.servers: \"localhost:9092\"",
            "sketch.type: \"exact\"",
            "sketch.state-size: \"65536KiB\"",
            "heads: \"L0H7\"",
            "head.L0H7.key-dim: \"32\"");
  }
}
