// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.chaos.storage;

import java.io.IOException;
import java.net.URI;
import org.apache.flink.core.fs.BlockLocation;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/** The local file system, with writes that fail or wait as {@link Switches} say. */
final class UnsteadyFileSystem extends FileSystem {

  /** Name of the file that Flink writes last in a checkpoint. */
  private static final String LAST_FILE = "_metadata";

  private final FileSystem files = LocalFileSystem.getSharedInstance();
  private final Switches switches;

  UnsteadyFileSystem(Switches switches) {
    this.switches = switches;
  }

  private void takeSpace() throws IOException {
    if (switches.isFull()) {
      throw new IOException("No space left on device");
    }
  }

  @Override
  public boolean mkdirs(Path path) throws IOException {
    takeSpace();
    return files.mkdirs(path);
  }

  @Override
  public FSDataOutputStream create(Path path, WriteMode mode) throws IOException {
    takeSpace();
    return new Output(files.create(path, mode), path.getName().equals(LAST_FILE));
  }

  /** Writes to a file, and delays the close of a checkpoint's last file while it is held back. */
  private final class Output extends FSDataOutputStream {
    private final FSDataOutputStream file;
    private final boolean last;
    private boolean closed;

    Output(FSDataOutputStream file, boolean last) {
      this.file = file;
      this.last = last;
    }

    @Override
    public long getPos() throws IOException {
      return file.getPos();
    }

    @Override
    public void write(int b) throws IOException {
      takeSpace();
      file.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      takeSpace();
      file.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      file.flush();
    }

    @Override
    public void sync() throws IOException {
      takeSpace();
      file.sync();
    }

    @Override
    public void close() throws IOException {
      file.close();
      if (last && !closed) {
        closed = true;
        switches.awaitLetGo();
      }
    }
  }

  @Override
  public URI getUri() {
    return URI.create(UnsteadyFileSystemFactory.SCHEME + ":///");
  }

  @Override
  public Path getWorkingDirectory() {
    return files.getWorkingDirectory();
  }

  @Override
  public Path getHomeDirectory() {
    return files.getHomeDirectory();
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    return files.getFileStatus(path);
  }

  @Override
  public BlockLocation[] getFileBlockLocations(FileStatus file, long start, long length)
      throws IOException {
    return files.getFileBlockLocations(file, start, length);
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    return files.open(path, bufferSize);
  }

  @Override
  public FSDataInputStream open(Path path) throws IOException {
    return files.open(path);
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    return files.listStatus(path);
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    return files.delete(path, recursive);
  }

  @Override
  public boolean rename(Path source, Path target) throws IOException {
    return files.rename(source, target);
  }

  @Override
  public boolean isDistributedFS() {
    return files.isDistributedFS();
  }
}
