package dev.onepass.bench;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** The text that the build puts next to the jar: the sources of Kafka's client library. */
final class DefaultText {
  private DefaultText() {}

  static Path besideJar() {
    try {
      Path place = Path.of(Bench.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return place.resolveSibling("text").resolve("text.jar");
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
