// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.testkit.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Command lines {@code java FLAGS -cp LIB/* MAIN ARGUMENTS}. */
final class JavaCommand {

  /** Flag for processes that live for seconds, where a fast start matters more than fast code. */
  static final String QUICK = "-XX:TieredStopAtLevel=1";

  private String classPath;
  private final List<String> flags = new ArrayList<>(List.of("-XX:+UseSerialGC"));

  private JavaCommand(Path lib) {
    classPath = lib + "/*";
  }

  /** Starts a command line whose class path is a directory of jars, given by a system property. */
  static JavaCommand fromLib(String property) {
    return new JavaCommand(Path.of(System.getProperty(property)));
  }

  /** Puts a jar in front of the class path. */
  JavaCommand beside(Path jar) {
    classPath = jar + File.pathSeparator + classPath;
    return this;
  }

  /** Adds JVM flags, separated by white space. */
  JavaCommand flags(String words) {
    flags.addAll(words(words));
    return this;
  }

  List<String> line(String main, List<String> arguments) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(flags);
    line.addAll(List.of("-cp", classPath, main));
    line.addAll(arguments);
    return line;
  }

  /**
   * Writes a script that runs a class with the script's arguments, as in a distribution.
   *
   * @param environment variables that the script sets
   */
  void writeScript(Path script, String main, Map<String, String> environment) throws IOException {
    StringBuilder text = new StringBuilder("#!/bin/sh\n");
    environment.forEach(
        (name, value) ->
            text.append("export ").append(name).append("='").append(value).append("'\n"));
    text.append("exec '").append(String.join("' '", line(main, List.of()))).append("' \"$@\"\n");
    Files.writeString(script, text);
    if (!script.toFile().setExecutable(true)) {
      throw new IOException("cannot make " + script + " executable");
    }
  }

  static List<String> words(String text) {
    return text.isBlank() ? List.of() : Arrays.asList(text.strip().split("\\s+"));
  }
}
