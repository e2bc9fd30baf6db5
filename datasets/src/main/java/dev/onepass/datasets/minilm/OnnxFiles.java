package dev.onepass.datasets.minilm;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Loads ONNX Runtime without leaving behind the directory that its native parts are unpacked to.
 */
final class OnnxFiles {
  private OnnxFiles() {}

  /**
   * The runtime's environment. The library tries to delete its directory before the files in it,
   * which fails and would leave one empty directory for each run.
   */
  static OrtEnvironment environment() throws IOException {
    Path temporary = Files.createTempFile("onepass", null);
    Files.delete(temporary);
    Set<Path> before = unpacked(temporary.getParent());
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Set<Path> made = unpacked(temporary.getParent());
    made.removeAll(before);
    // With two, another process started at the same moment and one of them is not ours.
    if (made.size() == 1) {
      delete(made.iterator().next());
    }
    return environment;
  }

  private static Set<Path> unpacked(Path temporary) throws IOException {
    Set<Path> found = new HashSet<>();
    try (DirectoryStream<Path> directories =
        Files.newDirectoryStream(temporary, "onnxruntime-java*")) {
      directories.forEach(found::add);
    }
    return found;
  }

  private static void delete(Path directory) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      // Some systems keep files that are in use; then the JVM's end removes them, as ever.
      return;
    }
  }
}
