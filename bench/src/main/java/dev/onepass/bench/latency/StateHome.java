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
 * Where the state of a running job lies, set up so that a checkpoint holds the stream up shortly;
 * the checkpoints are on disk either way.
 */
public enum StateHome {
  /** RocksDB with its files on disk. */
  DISK("RocksDB, files on disk"),

  /**
   * The same, with Flink's log of changes: a checkpoint is what was logged, not RocksDB's files.
   */
  CHANGELOG("RocksDB, files on disk, changes logged"),

  /** RocksDB with its files in a file system that is memory. */
  MEMORY("RocksDB, files in memory"),

  /** Flink's own maps on the heap. */
  HEAP("hashmap");

  /** Where Linux has a file system in memory. */
  private static final Path IN_MEMORY = Path.of("/dev/shm");

  /** How often RocksDB's files are saved beside a log, which begins anew then. */
  private static final Duration MATERIALIZATION = Duration.ofMinutes(1);

  private static final Duration UPLOAD = Duration.ofSeconds(10);
  private static final int UPLOADS = 3;

  private final String words;

  StateHome(String words) {
    this.words = words;
  }

  /** The home in the words of the result. */
  public String words() {
    return words;
  }

  /** Whether this machine has it. */
  public boolean isHere() {
    return this != MEMORY || Files.isWritable(IN_MEMORY);
  }

  /** A home that was made ready. Closing it deletes what is in it. */
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
    // What is written between two checkpoints is in files before the second asks for it.
    options.set(RocksDBConfigurableOptions.WRITE_BUFFER_SIZE, MemorySize.ofMebiBytes(4));
    options.set(RocksDBConfigurableOptions.MAX_WRITE_BUFFER_NUMBER, 4);
    // More threads would take the cores from the records that waited for the checkpoint.
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
