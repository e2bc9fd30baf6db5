// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/**
 * The local file system under the scheme {@code full}. It refuses all writes below a directory that
 * contains a file {@code FULL}; tests create and delete that file to fill and free the volume.
 */
final class FullVolume extends LocalFileSystem {

  private static final URI ROOT = URI.create("full:///");

  /** Returns the URI of a directory, for Flink's checkpoints. */
  static String uri(java.nio.file.Path directory) {
    return "full://" + directory.toAbsolutePath();
  }

  /** Makes all writes below a directory fail. */
  static void fill(java.nio.file.Path directory) throws IOException {
    Files.createFile(directory.resolve("FULL"));
  }

  /** Lets writes below a directory succeed again. */
  static void free(java.nio.file.Path directory) throws IOException {
    Files.delete(directory.resolve("FULL"));
  }

  @Override
  public URI getUri() {
    return ROOT;
  }

  @Override
  public FSDataOutputStream create(Path file, WriteMode mode) throws IOException {
    for (java.nio.file.Path up = java.nio.file.Path.of(file.getPath());
        up != null;
        up = up.getParent()) {
      if (Files.exists(up.resolve("FULL"))) {
        throw new IOException("No space left on device");
      }
    }
    return super.create(file, mode);
  }

  /** Provides this file system to Flink, which finds the class through META-INF/services. */
  public static final class Factory implements FileSystemFactory {

    @Override
    public String getScheme() {
      return ROOT.getScheme();
    }

    @Override
    public FileSystem create(URI uri) {
      return new FullVolume();
    }
  }
}
