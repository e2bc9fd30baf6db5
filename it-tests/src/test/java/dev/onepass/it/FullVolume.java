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
 * The local disk under a scheme of its own, {@code full:///directory}, where nothing can be written
 * below a directory that holds a file {@code FULL}: by that file a test fills the volume, and frees
 * it again.
 */
final class FullVolume extends LocalFileSystem {

  private static final URI ROOT = URI.create("full:///");

  /** Where Flink's checkpoints go, and what tells that there is no space for them. */
  static String uri(java.nio.file.Path directory) {
    return "full://" + directory.toAbsolutePath();
  }

  static void fill(java.nio.file.Path directory) throws IOException {
    Files.createFile(directory.resolve("FULL"));
  }

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

  /** Tells Flink of the scheme; found by name. */
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
