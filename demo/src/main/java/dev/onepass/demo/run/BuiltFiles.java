// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.demo.run;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that the build puts next to the demo's jar. */
public final class BuiltFiles {
  private BuiltFiles() {}

  /** Returns the jar of the job. */
  public static Path jobJar() throws DemoException {
    return beside("lib-job/onepass-job.jar", "the job's jar");
  }

  /** Returns the default text for the model. */
  public static Path text() throws DemoException {
    return beside("text/text.jar", "the default text");
  }

  private static Path beside(String name, String what) throws DemoException {
    try {
      Path place =
          Path.of(BuiltFiles.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path file = place.resolveSibling(name);
      if (Files.isRegularFile(file)) {
        return file;
      }
      throw new DemoException(
          DemoException.IMPOSSIBLE,
          "Missing: " + what + ", " + file + ". 'mvn -DskipTests package' creates it.");
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
