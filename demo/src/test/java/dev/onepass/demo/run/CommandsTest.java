// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class CommandsTest {

  @Test
  void wrongArgumentsAreReportedInOneSentence() {
    assertThat(wordsFor("--nonsense"))
        .isEqualTo("Unknown option: '--nonsense'. --help lists the options.");
    assertThat(wordsFor("--number", "many")).contains("--number", "many").doesNotContain("\n");
    assertThat(wordsFor("word")).contains("word").doesNotContain("\n");
  }

  private static String wordsFor(String... arguments) {
    PrintStream before = System.err;
    ByteArrayOutputStream words = new ByteArrayOutputStream();
    System.setErr(new PrintStream(words, true, StandardCharsets.UTF_8));
    try {
      assertThat(Commands.run(new Counting(), arguments)).isEqualTo(DemoException.IMPOSSIBLE);
    } finally {
      System.setErr(before);
    }
    return words.toString(StandardCharsets.UTF_8).strip();
  }

  @Command(name = "counting")
  private static final class Counting implements Callable<Integer> {
    @Option(names = "--number")
    private int number;

    @Override
    public Integer call() {
      return number;
    }
  }
}
