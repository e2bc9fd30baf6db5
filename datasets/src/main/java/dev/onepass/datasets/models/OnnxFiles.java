// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.datasets.models;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Loads ONNX Runtime and removes the directory into which it unpacks its native libraries. */
final class OnnxFiles {
  private OnnxFiles() {}

  /**
   * Returns the environment of the runtime. The library tries to delete its directory before the
   * files in it, which fails and would leave an empty directory after each run.
   */
  static OrtEnvironment environment() throws IOException {
    Path temporary = Files.createTempFile("onepass", null);
    Files.delete(temporary);
    Set<Path> before = unpacked(temporary.getParent());
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Set<Path> made = unpacked(temporary.getParent());
    made.removeAll(before);
    // If there are two, another process started at the same moment, and one of them is not ours.
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
      // Some systems keep files that are in use; the runtime then removes them when the JVM ends.
      return;
    }
  }
}
