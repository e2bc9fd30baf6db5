// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.cli;

import dev.onepass.datasets.models.EncoderModel;
import java.net.URISyntaxException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option for the text that a model reads. */
public final class ModelText {

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = {
        "Text that the model reads: a plain file, or a jar or zip whose text files",
        "are read (default: one that the build puts next to this jar, text/text.jar,",
        "the sources of Kafka's client library, or text/chinese.xml for bge-small-zh)."
      })
  private Path text;

  /** Returns the text that the option names, or null. */
  public Path given() {
    return text;
  }

  /** Returns the text for a model to read. */
  public Path path(EncoderModel model) {
    return text == null ? besideJar().resolve(nameFor(model)) : text;
  }

  private static String nameFor(EncoderModel model) {
    return switch (model) {
      case ALL_MINILM_L6_V2 -> "text.jar";
      case BGE_SMALL_ZH -> "chinese.xml";
    };
  }

  private static Path besideJar() {
    try {
      Path place =
          Path.of(ModelText.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return place.resolveSibling("text");
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
