// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.cli;

import java.net.URISyntaxException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option for the text that the model reads. */
public final class ModelText {

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = {
        "Text that the model reads: a plain file, or a jar or zip whose text files are read",
        "(default: the sources of Kafka's client library, which the build puts next to this jar)."
      })
  private Path text;

  /** Returns the text that the option names, or null. */
  public Path given() {
    return text;
  }

  /** Returns the text to read. */
  public Path path() {
    return text == null ? besideJar() : text;
  }

  private static Path besideJar() {
    try {
      Path place =
          Path.of(ModelText.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return place.resolveSibling("text").resolve("text.jar");
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
