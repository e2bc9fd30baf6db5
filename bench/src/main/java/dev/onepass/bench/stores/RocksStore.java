// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.bench.stores;

import dev.onepass.operators.sequence.store.PendingChunk;
import dev.onepass.sketch.anchors.AnchorSets;
import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.blocks.Token;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.registry.SketchFamilies;
import dev.onepass.sketch.sequence.Header;
import dev.onepass.sketch.sequence.SequenceStore;
import dev.onepass.testkit.files.Directories;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.FlushOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteOptions;

/**
 * The states of sequences in RocksDB without Flink, in the same layout: a value for the header, a
 * value for the sketch, and a list of pending tokens to which RocksDB's merge appends. It also
 * stores the history of a sequence, which only exact attention needs.
 */
public final class RocksStore implements SequenceStore, AutoCloseable {
  /** The merge operator of Flink's list state, which separates elements by a delimiter. */
  private static final String APPEND = "stringappendtest";

  private static final byte DELIMITER = ',';

  /** Enough for all reads of a measurement, so that none waits for a disk. */
  private static final long BLOCK_CACHE = 256L << 20;

  static {
    RocksDB.loadLibrary();
  }

  private final Path directory;
  private final LRUCache cache = new LRUCache(BLOCK_CACHE);
  private final Options options;
  private final WriteOptions noLog = new WriteOptions().setDisableWAL(true);
  private final RocksDB db;
  private String sequence = "sequence-0";

  public RocksStore() throws IOException {
    directory = Files.createTempDirectory("onepass-rocks");
    options =
        new Options()
            .setCreateIfMissing(true)
            .setMergeOperatorName(APPEND)
            .setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(cache));
    try {
      db = RocksDB.open(options, directory.toString());
    } catch (RocksDBException e) {
      throw new IOException("RocksDB failed to open: " + e.getMessage(), e);
    }
  }

  /** Selects the sequence whose states are read and written. */
  public void sequence(long number) {
    sequence = "sequence-" + number;
  }

  private byte[] at(String state) {
    return (state + '/' + sequence).getBytes(StandardCharsets.UTF_8);
  }

  private interface Access<T> {
    T run() throws RocksDBException;
  }

  private static <T> T access(Access<T> access) {
    try {
      return access.run();
    } catch (RocksDBException e) {
      throw new IllegalStateException("RocksDB: " + e.getMessage(), e);
    }
  }

  private byte[] get(String state) {
    return access(() -> db.get(at(state)));
  }

  private void put(String state, byte[] value) {
    access(
        () -> {
          db.put(noLog, at(state), value);
          return null;
        });
  }

  private void delete(String state) {
    access(
        () -> {
          db.delete(noLog, at(state));
          return null;
        });
  }

  @Override
  public Header header() {
    byte[] bytes = get("header");
    return bytes == null ? null : Header.fromByteArray(bytes);
  }

  @Override
  public void putHeader(Header header) {
    put("header", header.toByteArray());
  }

  @Override
  public TokenBlock pending(int keyDim, int valueDim) {
    TokenBlock block = new TokenBlock(keyDim, valueDim, 1);
    byte[] bytes = get("pending");
    if (bytes == null) {
      return block;
    }
    int element = 1 + Float.BYTES * (keyDim + valueDim);
    for (int at = 0; at < bytes.length; at += element + 1) {
      PendingChunk.appendTo(block, Arrays.copyOfRange(bytes, at, at + element));
    }
    return block;
  }

  @Override
  public void appendPending(Token token) {
    TokenBlock one = new TokenBlock(token.key().length, token.value().length, 1);
    one.append(token);
    byte[] element = PendingChunk.of(one, 0, 1);
    access(
        () -> {
          db.merge(noLog, at("pending"), element);
          return null;
        });
  }

  @Override
  public void replacePending(TokenBlock block) {
    if (block.count() == 0) {
      delete("pending");
      return;
    }
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    for (int j = 0; j < block.count(); j++) {
      if (j > 0) {
        list.write(DELIMITER);
      }
      list.writeBytes(PendingChunk.of(block, j, j + 1));
    }
    put("pending", list.toByteArray());
  }

  @Override
  public AttentionSketch sketch(AnchorSets anchors) {
    byte[] bytes = get("sketch");
    return bytes == null ? null : SketchFamilies.heapify(bytes, anchors);
  }

  @Override
  public void putSketch(AttentionSketch sketch) {
    put("sketch", sketch.toByteArray());
  }

  @Override
  public byte[] queries() {
    return get("queries");
  }

  @Override
  public void putQueries(byte[] queries) {
    put("queries", queries);
  }

  @Override
  public void clearQueries() {
    delete("queries");
  }

  @Override
  public void clearContent() {
    delete("pending");
    delete("sketch");
    delete("queries");
  }

  /** Stores part number {@code i} of the history. */
  public void putHistory(int i, byte[] part) {
    put("history/%08d".formatted(i), part);
  }

  /** Passes all parts of the history to a consumer, in order. */
  public void history(Consumer<byte[]> parts) {
    byte[] prefix = "history/".getBytes(StandardCharsets.UTF_8);
    byte[] end = "history0".getBytes(StandardCharsets.UTF_8);
    try (Slice bound = new Slice(end);
        ReadOptions untilEnd = new ReadOptions().setIterateUpperBound(bound);
        RocksIterator iterator = db.newIterator(untilEnd)) {
      for (iterator.seek(prefix); iterator.isValid(); iterator.next()) {
        parts.accept(iterator.value());
      }
    }
  }

  /** Flushes and compacts everything into sorted files, as RocksDB does over time. */
  public void settle() {
    access(
        () -> {
          try (FlushOptions wait = new FlushOptions()) {
            db.flush(wait);
          }
          db.compactRange();
          return null;
        });
  }

  /** Returns the size of all files in bytes. */
  public long bytes() {
    return Long.parseLong(access(() -> db.getProperty("rocksdb.total-sst-files-size")));
  }

  @Override
  public void close() {
    db.close();
    options.close();
    noLog.close();
    cache.close();
    Directories.delete(directory);
  }
}
