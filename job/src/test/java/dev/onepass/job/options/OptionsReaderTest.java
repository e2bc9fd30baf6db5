package dev.onepass.job.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptionsReaderTest {

  @TempDir Path directory;

  private String file(String yaml) throws IOException {
    return Files.writeString(directory.resolve("job.yaml"), yaml).toString();
  }

  private static Map<String, String> read(String... args) {
    return OptionsReader.read(args);
  }

  @Test
  void nestedAndFlatYamlGiveTheSameOptions() throws IOException {
    Map<String, String> nested =
        read(
            "--config",
            file(
                """
                kafka:
                  bootstrap.servers: [a:1, b:2]
                  properties:
                    sasl: {mechanism: PLAIN}
                sketch:
                  key-dim: 64
                  scale: 0.125
                heads: [x, y]
                head:
                  x: {state-size: 32KiB}
                """));
    Map<String, String> flat =
        read(
            "--config",
            file(
                """
                kafka.bootstrap.servers: a:1,b:2
                kafka.properties.sasl.mechanism: PLAIN
                sketch.key-dim: 64
                sketch.scale: 0.125
                heads: x,y
                head.x.state-size: 32KiB
                """));
    assertThat(nested)
        .isEqualTo(flat)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "kafka.bootstrap.servers", "a:1,b:2",
                "kafka.properties.sasl.mechanism", "PLAIN",
                "sketch.key-dim", "64",
                "sketch.scale", "0.125",
                "heads", "x,y",
                "head.x.state-size", "32KiB"));
  }

  @Test
  void commandLineWinsOverTheFileWhereverItStands() throws IOException {
    String file = file("sketch: {key-dim: 64, value-dim: 8}");
    assertThat(read("--sketch.key-dim", "32", "--config", file))
        .isEqualTo(Map.of("sketch.key-dim", "32", "sketch.value-dim", "8"));
    assertThat(read("--config=" + file, "--sketch.key-dim=16"))
        .isEqualTo(Map.of("sketch.key-dim", "16", "sketch.value-dim", "8"));
  }

  @Test
  void valuesMayHoldEqualsSignsAndBeginWithAMinus() {
    assertThat(
            read(
                "--kafka.properties.sasl.jaas.config=Login required user=\"u\";",
                "--heads",
                "a=b",
                "--sketch.scale",
                "-1"))
        .isEqualTo(
            Map.of(
                "kafka.properties.sasl.jaas.config",
                "Login required user=\"u\";",
                "heads",
                "a=b",
                "sketch.scale",
                "-1"));
  }

  @Test
  void emptyFilesAndNullsSetNothing() throws IOException {
    assertThat(read("--config", file(""))).isEmpty();
    assertThat(read("--config", file("state.ttl:\nsketch:\n  seed: null\n"))).isEmpty();
  }

  @Test
  void allBadArgumentsAreNamedAtOnce() {
    assertThatThrownBy(
            () ->
                read(
                    "stray",
                    "-p",
                    "--state.ttl",
                    "--config",
                    directory.resolve("none.yaml").toString(),
                    "--heads"))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("'stray' is no option: write --key value")
        .hasMessageContaining("'-p' is no option: write --key value")
        .hasMessageContaining("--state.ttl has no value: write --state.ttl VALUE")
        .hasMessageContaining("none.yaml, which is not there; set a path")
        .hasMessageContaining("--heads has no value: write --heads VALUE");
  }

  @Test
  void filesThatAreNoMapOfOptionsAreRefused() throws IOException {
    String list = file("- a\n- b\n");
    assertThatThrownBy(() -> read("--config", list))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("job.yaml, which is not a map of options: write key: value");
    for (String broken :
        new String[] {"a: [1\n", "a: 1\na: 2\n", "a: 1\n---\nb: 2\n", "a: \"\\x\""}) {
      String file = file(broken);
      assertThatThrownBy(() -> read("--config", file))
          .as(broken)
          .isInstanceOf(OptionsException.class)
          .hasMessageContaining("job.yaml, which cannot be read as YAML: ");
    }
  }

  @Test
  void oneOptionFlatAndNestedIsRefused() throws IOException {
    String file = file("sketch.key-dim: 4\nsketch:\n  key-dim: 5\n");
    assertThatThrownBy(() -> read("--config", file))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("sketch.key-dim stands twice in the file; write it once");
  }
}
