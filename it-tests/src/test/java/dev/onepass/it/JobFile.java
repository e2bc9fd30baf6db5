// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What users deploy the job with: its jar, and options in a job.yaml or on the command line. */
public final class JobFile {

  /** The job's jar. */
  public static final Path JAR = Path.of(System.getProperty("job.jar"));

  static final String MAIN = "dev.onepass.job.OnepassJob";

  private JobFile() {}

  /** Returns options as the job's command line has them: {@code --NAME VALUE}. */
  public static String[] arguments(Map<String, String> options) {
    return options.entrySet().stream()
        .flatMap(option -> Stream.of("--" + option.getKey(), option.getValue()))
        .toArray(String[]::new);
  }

  /**
   * Writes a job.yaml.
   *
   * @param options options of the job; later maps override earlier ones
   * @return {@code file}
   */
  @SafeVarargs
  public static Path write(Path file, Map<String, String>... options) throws IOException {
    Map<String, String> all = new TreeMap<>();
    for (Map<String, String> some : options) {
      all.putAll(some);
    }
    return Files.writeString(
        file,
        all.entrySet().stream()
            .map(option -> option.getKey() + ": '" + option.getValue() + "'\n")
            .collect(Collectors.joining()));
  }
}
