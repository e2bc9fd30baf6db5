// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.run;

import java.util.concurrent.Callable;
import picocli.CommandLine;

/** Runs commands and reports invalid arguments in one sentence. */
public final class Commands {
  private Commands() {}

  /** Runs a command, which prints to the standard streams, and returns the exit code. */
  public static int run(Callable<Integer> command, String... args) {
    return new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(
            (e, arguments) -> {
              System.err.println(e.getMessage() + ". --help lists the options.");
              return DemoException.IMPOSSIBLE;
            })
        .execute(args);
  }
}
