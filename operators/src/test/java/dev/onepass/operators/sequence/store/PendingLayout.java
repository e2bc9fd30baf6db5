// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.store;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.KeyedStateBackend;

/** Layouts of pending tokens, for comparison. */
interface PendingLayout {

  /** Appends one token to the current key's block. */
  void append(long key, byte[] token) throws Exception;

  /** Reads and drops all tokens of the current key; returns their bytes. */
  int take(long key) throws Exception;

  /** Called before a snapshot. */
  default void flush() throws Exception {}

  /** A list state with one element per token: an append is one merge operand, a read one lookup. */
  final class ListLayout implements PendingLayout {
    private final ListState<byte[]> tokens;

    ListLayout(RuntimeContext context) {
      tokens =
          context.getListState(
              new ListStateDescriptor<>(
                  "pending", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
    }

    @Override
    public void append(long key, byte[] token) throws Exception {
      tokens.add(token);
    }

    @Override
    public int take(long key) throws Exception {
      int bytes = 0;
      for (byte[] token : tokens.get()) {
        bytes += token.length;
      }
      tokens.clear();
      return bytes;
    }
  }

  /** A map of chunks: an append reads and writes the last chunk, a read scans them. */
  final class ChunkLayout implements PendingLayout {
    private final int tokensPerChunk;
    private final MapState<Integer, byte[]> chunks;

    /** Tokens by sequence. They cost nothing here; a real layout has them in the header. */
    private final Map<Long, Integer> counts = new HashMap<>();

    ChunkLayout(RuntimeContext context, int tokensPerChunk) {
      this.tokensPerChunk = tokensPerChunk;
      chunks =
          context.getMapState(
              new MapStateDescriptor<>(
                  "pending", Types.INT, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
    }

    @Override
    public void append(long key, byte[] token) throws Exception {
      int n = counts.merge(key, 1, Integer::sum) - 1;
      int chunk = n / tokensPerChunk;
      if (n % tokensPerChunk == 0) {
        chunks.put(chunk, token);
        return;
      }
      byte[] old = chunks.get(chunk);
      byte[] grown = Arrays.copyOf(old, old.length + token.length);
      System.arraycopy(token, 0, grown, old.length, token.length);
      chunks.put(chunk, grown);
    }

    @Override
    public int take(long key) throws Exception {
      int bytes = 0;
      int n = counts.remove(key);
      for (int chunk = 0; chunk <= (n - 1) / tokensPerChunk; chunk++) {
        bytes += chunks.get(chunk).length;
        chunks.remove(chunk);
      }
      return bytes;
    }
  }

  /**
   * Blocks in a cache of limited size on the heap. They are written before a snapshot and on
   * eviction: as one value, or appended to a list.
   */
  final class HeapLayout implements PendingLayout {
    private final KeyedStateBackend<Long> backend;
    private final long maxBytes;
    private final boolean appending;
    private final ValueState<byte[]> value;
    private final ListState<byte[]> list;
    private final LinkedHashMap<Long, ArrayDeque<byte[]>> open = new LinkedHashMap<>(16, 1, true);
    private long bytes;

    HeapLayout(
        RuntimeContext context, KeyedStateBackend<Long> backend, long maxBytes, boolean appending) {
      this.backend = backend;
      this.maxBytes = maxBytes;
      this.appending = appending;
      value =
          context.getState(
              new ValueStateDescriptor<>(
                  "pending", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
      list =
          context.getListState(
              new ListStateDescriptor<>(
                  "list", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
    }

    @Override
    public void append(long key, byte[] token) throws Exception {
      ArrayDeque<byte[]> block = open.get(key);
      if (block == null) {
        block = new ArrayDeque<>();
        if (!appending) {
          byte[] stored = value.value();
          if (stored != null) {
            block.add(stored);
            bytes += stored.length;
          }
        }
        open.put(key, block);
      }
      block.add(token);
      bytes += token.length;
      if (bytes > maxBytes) {
        Iterator<Map.Entry<Long, ArrayDeque<byte[]>>> eldest = open.entrySet().iterator();
        Map.Entry<Long, ArrayDeque<byte[]>> entry = eldest.next();
        eldest.remove();
        write(entry.getKey(), entry.getValue());
        backend.setCurrentKey(key);
      }
    }

    @Override
    public int take(long key) throws Exception {
      int taken = 0;
      if (appending) {
        for (byte[] chunk : list.get()) {
          taken += chunk.length;
        }
        list.clear();
      } else {
        value.clear();
      }
      ArrayDeque<byte[]> block = open.remove(key);
      if (block != null) {
        for (byte[] token : block) {
          taken += token.length;
          bytes -= token.length;
        }
      }
      return taken;
    }

    @Override
    public void flush() throws Exception {
      for (Map.Entry<Long, ArrayDeque<byte[]>> entry : open.entrySet()) {
        write(entry.getKey(), entry.getValue());
      }
      open.clear();
    }

    private void write(long key, ArrayDeque<byte[]> block) throws Exception {
      int size = block.stream().mapToInt(token -> token.length).sum();
      byte[] joined = new byte[size];
      int at = 0;
      for (byte[] token : block) {
        System.arraycopy(token, 0, joined, at, token.length);
        at += token.length;
      }
      bytes -= size;
      backend.setCurrentKey(key);
      if (appending) {
        list.add(joined);
      } else {
        value.update(joined);
      }
    }
  }
}
