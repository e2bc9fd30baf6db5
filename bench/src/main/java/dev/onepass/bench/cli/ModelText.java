package dev.onepass.bench.cli;

import java.net.URISyntaxException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that names the text the model reads. */
public final class ModelText {

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = {
        "Text that the model reads: a plain file, or a jar or zip whose text files are read",
        "(default: the sources of Kafka's client library, put beside this jar by the build)."
      })
  private Path text;

  /** The user's own text, or null. */
  public Path given() {
    return text;
  }

  /** The text to read. */
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
