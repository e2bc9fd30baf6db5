// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The files with which users deploy the job: its jar and a job.yaml. */
public final class JobFile {

  /** The job's jar. */
  public static final Path JAR = Path.of(System.getProperty("job.jar"));

  static final String MAIN = "dev.onepass.job.OnepassJob";

  private JobFile() {}

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
