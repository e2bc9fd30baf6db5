// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.job.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
  void commandLineOverridesTheFileInAnyOrder() throws IOException {
    String file = file("sketch: {key-dim: 64, value-dim: 8}");
    assertThat(read("--sketch.key-dim", "32", "--config", file))
        .isEqualTo(Map.of("sketch.key-dim", "32", "sketch.value-dim", "8"));
    assertThat(read("--config=" + file, "--sketch.key-dim=16"))
        .isEqualTo(Map.of("sketch.key-dim", "16", "sketch.value-dim", "8"));
  }

  @Test
  void valuesMayContainEqualsSignsAndBeginWithAMinus() {
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
  void emptyFilesSetNothing() throws IOException {
    assertThat(read("--config", file(""))).isEmpty();
    assertThat(read("--config", file("# nothing\n"))).isEmpty();
    assertThat(read("--config", file("\uFEFFheads: a\r\n"))).isEqualTo(Map.of("heads", "a"));
  }

  @Test
  void aMissingValueIsEmptyText() throws IOException {
    assertThat(
            read(
                "--config",
                file("state.ttl:\nsketch:\n  seed: ''\n  scale: {}\nheads: []\norder:\n"),
                "--topics.tokens",
                ""))
        .isEqualTo(
            Map.of(
                "state.ttl", "",
                "sketch.seed", "",
                "sketch.scale", "",
                "heads", "",
                "order", "",
                "topics.tokens", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.10",
        "12e34",
        "0123",
        "007",
        "010",
        "1_000",
        "0x10",
        "0o17",
        "0b1",
        "1e3",
        "+5",
        ".5",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
        "True",
        "FALSE",
        "null",
        "Null",
        "~",
        ".inf",
        "-.INF",
        ".nan",
        "2024-01-31",
        "2001-12-14t21:59:43.10-05:00",
        "12:30:45",
        "190:20:30",
        "=",
        "<<",
        "1.0",
        "1.",
        "00",
        "-0",
        "1,000",
        "12 34",
        "a:b",
        "a#b",
        "-1",
        "9999999999999999999999"
      })
  void textStaysAsItIsWritten(String text) throws IOException {
    String yaml =
        """
        topics.tokens: %1$s
        topics:
          queries: "%1$s"
          outputs: '%1$s' # and a remark
        head.%1$s.key-dim: 1
        head:
          "%1$s": {scale: %2$s}
        heads: [a, "%2$s", b]
        """
            .formatted(text, text.replace(",", ""));
    assertThat(read("--config", file(yaml)))
        .isEqualTo(
            Map.of(
                "topics.tokens",
                text,
                "topics.queries",
                text,
                "topics.outputs",
                text,
                "head." + text + ".key-dim",
                "1",
                "head." + text + ".scale",
                text.replace(",", ""),
                "heads",
                "a," + text.replace(",", "") + ",b"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          heads: [1.10, 12e34, 007]       | 1.10,12e34,007
          heads: [yes, no, ~, null]       | yes,no,~,null
          heads: 1.10                     | 1.10
          """)
  void namesOfHeadsStayAsTheyAreWritten(String yaml, String heads) throws IOException {
    assertThat(read("--config", file(yaml))).isEqualTo(Map.of("heads", heads));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          state.ttl: [30 s]                | state.ttl is a list, but the option takes a single value; write state.ttl: VALUE (line 1)
          sketch: {key-dim: [1, 2]}        | sketch.key-dim is a list
          kafka.properties.client.id: [a]  | kafka.properties.client.id is a list
          no.such.option: [a]              | no.such.option is a list
          heads: [a, [b]]                  | where heads at line 1 has a list or a map in a list
          heads: [{a: 1}]                  | where heads at line 1 has a list or a map in a list
          heads: [a, , b]                  | is not valid YAML: line 1
          heads: [a, '', b]                | heads lists an empty value; remove it (line 1)
          heads: ['a,b', c]                | heads lists a value with a comma
          heads: &x [a]                    | has an anchor or an alias at line 1
          heads: *x                        | has an anchor or an alias at line 1
          heads: !!str 5                   | has a tag at line 1
          heads: !secret a                 | has a tag at line 1
          {heads: a, heads: b}             | heads is in the file twice; write it once (line 1)
          {heads: a, heads: {b: c}}        | heads is in the file twice
          {? [a] : b}                      | where line 1 has no option name before the colon
          ': b'                            | line 1, column 1: it is not well-formed
          just text                        | is not a map of options: write key: value
          """)
  void ambiguousFilesAreRefused(String yaml, String sentence) throws IOException {
    String file = file(yaml);
    assertThatThrownBy(() -> read("--config", file))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining(sentence)
        .hasNoCause();
  }

  @Test
  void filesAreBounded() throws IOException {
    String bomb = file("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n");
    assertThatThrownBy(() -> read("--config", bomb))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("has an anchor or an alias at line 1; write the value in full");
    String huge = file("heads: " + "a".repeat(1 << 20));
    assertThatThrownBy(() -> read("--config", huge))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("is larger than 1024 KiB; a file of options must be smaller");
    for (String open : new String[] {"[", "{a: ", "- ", "? "}) {
      String deep = file(open.repeat(100_000));
      assertThatThrownBy(() -> read("--config", deep))
          .as(open)
          .isInstanceOf(OptionsException.class);
    }
    assertThatThrownBy(() -> read("--config", "/dev/zero"))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("is larger than 1024 KiB");
    assertThatThrownBy(() -> read("--config", directory.toString()))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("cannot be read");
    assertThatThrownBy(() -> read("--config", "\0"))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("does not exist");
    Path latin = Files.write(directory.resolve("latin"), new byte[] {'a', ':', ' ', (byte) 0xE4});
    assertThatThrownBy(() -> read("--config", latin.toString()))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("is not UTF-8; save it as UTF-8");
    String control = file("heads: a\u0001b");
    assertThatThrownBy(() -> read("--config", control))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("characters that YAML does not allow");
  }

  /** The message does not contain the secret, wherever a user misplaced it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "kafka.properties.sasl.jaas.config: Login required password: hunter2",
        "kafka.properties.sasl.jaas.config: \"Login password=\\\"hunter2",
        "kafka.properties.sasl.jaas.config: 'hunter2",
        "kafka.properties.sasl.jaas.config: \"\\hunter2\"",
        "kafka.properties.sasl.jaas.config: \"x\" hunter2",
        "kafka.properties.sasl.jaas.config: @hunter2",
        "kafka.properties.sasl.jaas.config: `hunter2",
        "kafka.properties.sasl.jaas.config: %hunter2",
        "kafka.properties.sasl.jaas.config: *hunter2",
        "kafka.properties.sasl.jaas.config: &hunter2",
        "kafka.properties.sasl.jaas.config: &hunter2 x",
        "kafka.properties.sasl.jaas.config: !hunter2 x",
        "kafka.properties.sasl.jaas.config: !hunter2!x y",
        "kafka.properties.sasl.jaas.config: |hunter2",
        "kafka.properties.sasl.jaas.config: >hunter2",
        "kafka.properties.sasl.jaas.config: {hunter2",
        "kafka.properties.sasl.jaas.config: [[hunter2]]",
        "kafka.properties.sasl.jaas.config: [hunter2]",
        "kafka.properties.sasl.jaas.config: -\n\thunter2",
        "kafka.properties.sasl.jaas.config:\n  x\n hunter2: y\n",
        "%hunter2",
        "--- hunter2\n--- b",
        "hunter2",
        "- hunter2",
        "Login required password=\"hunter2\";: [a]",
        "heads: a\n--- hunter2",
        "kafka.properties.x: \u0001hunter2"
      })
  void messagesDoNotQuoteTheFile(String yaml) throws IOException {
    String file = file(yaml);
    assertThatThrownBy(() -> read("--config", file))
        .isInstanceOf(OptionsException.class)
        .hasMessageNotContaining("hunter2")
        .hasNoCause();
  }

  @Test
  void messagesDoNotQuotePossibleSecrets() {
    String jaas = "--kafka.properties.sasl.jaas.config";
    for (String[] args :
        new String[][] {
          {"hunter2"},
          {"-hunter2"},
          {"--hunter2"},
          {"--=hunter2"},
          {jaas, "Login", "required", "password=hunter2"},
          {jaas, "--hunter2"},
          {jaas, "x", jaas, "hunter2"},
          {jaas + ":hunter2"},
          {jaas + "=", "hunter2"},
          {"--Login password=hunter2;", "--heads"}
        }) {
      assertThatThrownBy(() -> read(args))
          .as(String.join(" ", args))
          .isInstanceOf(OptionsException.class)
          .hasMessageNotContaining("hunter2");
    }
  }

  @Test
  void anOptionGivenTwiceOnTheCommandLineIsRefused() {
    assertThatThrownBy(
            () ->
                read("--heads", "a", "--state.ttl=1 h", "--heads=b", "--config=x", "--config", "y"))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("heads is on the command line twice; write it once")
        .hasMessageContaining("config is on the command line twice; write it once");
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
        .hasMessageContaining("argument 1 is not an option; write --key value")
        .hasMessageContaining("argument 2 is not an option; write --key value")
        .hasMessageContaining("--state.ttl has no value; write --state.ttl VALUE")
        .hasMessageContaining("none.yaml, which does not exist; set a path")
        .hasMessageContaining("--heads has no value; write --heads VALUE");
  }

  @Test
  void filesThatAreNotMapsAreRefused() throws IOException {
    String list = file("- a\n- b\n");
    assertThatThrownBy(() -> read("--config", list))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("job.yaml, which is not a map of options: write key: value");
    for (String broken : new String[] {"a: [1\n", "a: b: c\n", "a: \"\\x\""}) {
      String file = file(broken);
      assertThatThrownBy(() -> read("--config", file))
          .as(broken)
          .isInstanceOf(OptionsException.class)
          .hasMessageContaining("job.yaml, which is not valid YAML: line ");
    }
    String second = file("a: 1\n---\nb: 2\n");
    assertThatThrownBy(() -> read("--config", second))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("job.yaml, which has a second document at line 2; put all options");
  }

  @Test
  void anOptionBothFlatAndNestedIsRefused() throws IOException {
    String file = file("sketch.key-dim: 4\nsketch:\n  key-dim: 5\n");
    assertThatThrownBy(() -> read("--config", file))
        .isInstanceOf(OptionsException.class)
        .hasMessageContaining("sketch.key-dim is in the file twice; write it once");
  }
}
