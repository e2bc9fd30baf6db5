// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.latency;

import dev.onepass.testkit.files.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.changelog.fs.FsStateChangelogStorageFactory;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateChangelogOptions;
import org.apache.flink.state.rocksdb.RocksDBConfigurableOptions;
import org.apache.flink.state.rocksdb.RocksDBOptions;

/**
 * The place of a running job's state, configured so that a checkpoint stops the stream only
 * briefly. Checkpoints are always on disk.
 */
public enum StateHome {
  /** RocksDB with its files on disk. */
  DISK("RocksDB, files on disk"),

  /** RocksDB with Flink's changelog: a checkpoint consists of the log, not of RocksDB's files. */
  CHANGELOG("RocksDB, files on disk, changes logged"),

  /** RocksDB with its files in an in-memory file system. */
  MEMORY("RocksDB, files in memory"),

  /** Flink's maps on the heap. */
  HEAP("hashmap");

  /** The in-memory file system of Linux. */
  private static final Path IN_MEMORY = Path.of("/dev/shm");

  /** Interval between saves of RocksDB's files, after which the changelog is truncated. */
  private static final Duration MATERIALIZATION = Duration.ofMinutes(1);

  private static final Duration UPLOAD = Duration.ofSeconds(10);
  private static final int UPLOADS = 3;

  private final String words;

  StateHome(String words) {
    this.words = words;
  }

  /** Returns the name of the place in the results. */
  public String words() {
    return words;
  }

  /** Returns whether this machine has the place. */
  public boolean isHere() {
    return this != MEMORY || Files.isWritable(IN_MEMORY);
  }

  /** A prepared place. Closing it deletes its content. */
  record Opened(Map<String, String> flinkOptions, Path directory) implements AutoCloseable {
    @Override
    public void close() {
      if (directory != null) {
        Directories.delete(directory);
      }
    }
  }

  Opened open() throws IOException {
    Configuration options = new Configuration();
    options.set(StateBackendOptions.STATE_BACKEND, "hashmap");
    if (this == HEAP) {
      return new Opened(options.toMap(), null);
    }
    options.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
    // The data between two checkpoints is already in files when the second checkpoint starts.
    options.set(RocksDBConfigurableOptions.WRITE_BUFFER_SIZE, MemorySize.ofMebiBytes(4));
    options.set(RocksDBConfigurableOptions.MAX_WRITE_BUFFER_NUMBER, 4);
    // More threads would take cores from the processing of records that waited for the checkpoint.
    options.set(RocksDBOptions.CHECKPOINT_TRANSFER_THREAD_NUM, 1);
    if (this == MEMORY) {
      Path files = Files.createTempDirectory(IN_MEMORY, "onepass-state");
      options.set(RocksDBOptions.LOCAL_DIRECTORIES, files.toString());
      return new Opened(options.toMap(), files);
    }
    if (this == CHANGELOG) {
      Path log = Files.createTempDirectory("onepass-changes");
      options.set(StateChangelogOptions.ENABLE_STATE_CHANGE_LOG, true);
      options.set(StateChangelogOptions.PERIODIC_MATERIALIZATION_INTERVAL, MATERIALIZATION);
      FsStateChangelogStorageFactory.configure(options, log.toFile(), UPLOAD, UPLOADS);
      return new Opened(options.toMap(), log);
    }
    return new Opened(options.toMap(), null);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
