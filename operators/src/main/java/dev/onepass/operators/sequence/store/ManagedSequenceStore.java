// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.store;

import dev.onepass.operators.event.SequenceKey;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.sequence.Header;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * Reads and writes the state of the current key's sequence in the backend: {@code header}, {@code
 * pending}, {@code sketch} and {@code queries}. {@link CachedSequenceStore} caches it.
 *
 * <p>Pending tokens are a list state with one element per token: appending reads nothing, and a
 * block is read once, when it is folded or answers a query.
 */
public final class ManagedSequenceStore {

  /** Returns the name and format of the header and lifetime. */
  public static ValueStateDescriptor<SequenceRecord> headerState() {
    return new ValueStateDescriptor<>("header", SequenceRecordSerializer.INSTANCE);
  }

  /** Returns the name and format of the pending tokens. */
  public static ListStateDescriptor<byte[]> pendingState() {
    return new ListStateDescriptor<>("pending", BytePrimitiveArraySerializer.INSTANCE);
  }

  /** Returns the name and format of the sketch. */
  public static ValueStateDescriptor<byte[]> sketchState() {
    return new ValueStateDescriptor<>("sketch", BytePrimitiveArraySerializer.INSTANCE);
  }

  /** Returns the name and format of the sketch of queries. */
  public static ValueStateDescriptor<byte[]> queriesState() {
    return new ValueStateDescriptor<>("queries", BytePrimitiveArraySerializer.INSTANCE);
  }

  private final ValueState<SequenceRecord> header;
  private final ListState<byte[]> pending;
  private final ValueState<byte[]> sketch;
  private final ValueState<byte[]> queries;

  /** Opens the states of a keyed function. */
  public ManagedSequenceStore(RuntimeContext context) {
    header = context.getState(headerState());
    pending = context.getListState(pendingState());
    sketch = context.getState(sketchState());
    queries = context.getState(queriesState());
  }

  /** Passes the key and header of every stored sequence to a reader. */
  public static void forEachHeader(
      KeyedStateBackend<SequenceKey> backend, BiConsumer<SequenceKey, Header> reader)
      throws Exception {
    backend.applyToAllKeys(
        VoidNamespace.INSTANCE,
        VoidNamespaceSerializer.INSTANCE,
        headerState(),
        (key, header) -> reader.accept(key, header.value().header()));
  }

  /** Returns the header and lifetime, or null if the sequence is unknown. */
  public SequenceRecord header() {
    return reading(header::value);
  }

  /** Writes the header and lifetime; null drops them. */
  public void putHeader(SequenceRecord record) {
    writing(() -> header.update(record));
  }

  /** Returns the pending tokens in the order of acceptance. */
  public TokenBlock pending(int keyDim, int valueDim) {
    TokenBlock block = new TokenBlock(keyDim, valueDim, 1);
    for (byte[] chunk : reading(pending::get)) {
      PendingChunk.appendTo(block, chunk);
    }
    return block;
  }

  /** Appends elements of one token or several. */
  void appendPending(List<byte[]> chunks) {
    if (!chunks.isEmpty()) {
      writing(() -> pending.addAll(chunks));
    }
  }

  /** Replaces the pending tokens; an empty list drops them. */
  void replacePending(List<byte[]> chunks) {
    writing(
        () -> {
          if (chunks.isEmpty()) {
            pending.clear();
          } else {
            pending.update(chunks);
          }
        });
  }

  /** Returns the sketch's bytes, or null if there is no sketch. */
  public byte[] sketch() {
    return reading(sketch::value);
  }

  /** Writes the sketch's bytes. */
  public void putSketch(byte[] bytes) {
    writing(() -> sketch.update(bytes));
  }

  /** Returns the bytes of the sketch of queries, or null if there is none. */
  public byte[] queries() {
    return reading(queries::value);
  }

  /** Writes the bytes of the sketch of queries. */
  public void putQueries(byte[] bytes) {
    writing(() -> queries.update(bytes));
  }

  /** Drops the sketch of queries. */
  public void clearQueries() {
    queries.clear();
  }

  /** Drops everything except the header. */
  public void clearContent() {
    pending.clear();
    sketch.clear();
    queries.clear();
  }

  private interface Read<T> {
    T get() throws Exception;
  }

  private interface Write {
    void run() throws Exception;
  }

  private static <T> T reading(Read<T> read) {
    try {
      return read.get();
    } catch (Exception e) {
      throw new FlinkRuntimeException("cannot read the state of a sequence", e);
    }
  }

  private static void writing(Write write) {
    try {
      write.run();
    } catch (Exception e) {
      throw new FlinkRuntimeException("cannot write the state of a sequence", e);
    }
  }
}
