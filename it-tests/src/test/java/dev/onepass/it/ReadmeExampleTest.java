// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the Java example of README, which says in a comment what it prints. */
class ReadmeExampleTest {

  private static final Pattern EXAMPLE = Pattern.compile("(?s)```java\n(.*?)```");
  private static final Pattern PRINTS = Pattern.compile("// (\\[.*])");

  @TempDir Path directory;

  @Test
  void theExamplePrintsWhatItSays() throws Exception {
    Matcher example = EXAMPLE.matcher(Files.readString(Path.of("..", "README.md")));
    assertThat(example.find()).isTrue();
    Matcher prints = PRINTS.matcher(example.group(1));
    assertThat(prints.find()).isTrue();

    assertThat(output(compiled(example.group(1)))).isEqualToIgnoringNewLines(prints.group(1));
  }

  /** Returns the directory of the compiled example. */
  private Path compiled(String lines) throws Exception {
    String imports =
        lines.lines().filter(line -> line.startsWith("import")).collect(Collectors.joining("\n"));
    String body =
        lines.lines().filter(line -> !line.startsWith("import")).collect(Collectors.joining("\n"));
    Path source = directory.resolve("Example.java");
    Files.writeString(
        source,
        imports
            + "\npublic class Example { public static void main(String[] args) {"
            + body
            + "}}");
    ByteArrayOutputStream complaints = new ByteArrayOutputStream();
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, complaints, "-d", directory.toString(), source.toString());
    assertThat(result).as(complaints.toString(StandardCharsets.UTF_8)).isZero();
    return directory;
  }

  private static String output(Path classes) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      loader
          .loadClass("Example")
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(before);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
