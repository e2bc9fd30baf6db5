// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

import dev.onepass.operators.serde.Bytes;
import dev.onepass.operators.serde.FlowSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializes the keys of the keyed state. Every savepoint holds these bytes. */
public final class SequenceKeySerializer extends FlowSerializer<SequenceKey> {
  private static final long serialVersionUID = 1L;

  /** The only instance. */
  public static final SequenceKeySerializer INSTANCE = new SequenceKeySerializer();

  @Override
  protected void write(SequenceKey key, DataOutputView out) throws IOException {
    Bytes.writeString(key.head(), out);
    Bytes.writeString(key.sequence(), out);
    out.writeInt(key.shard());
  }

  @Override
  protected SequenceKey read(DataInputView in) throws IOException {
    return new SequenceKey(Bytes.readString(in), Bytes.readString(in), in.readInt());
  }

  @Override
  public TypeSerializerSnapshot<SequenceKey> snapshotConfiguration() {
    return new Snapshot();
  }

  /**
   * The snapshot that savepoints hold next to the keys. Its version changes with the hash of the
   * keys, which assigns state to key groups: state under another hash would be restored but never
   * found.
   */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<SequenceKey> {
    private static final int VERSION = 4;

    /** Creates a snapshot; Flink calls the constructor by reflection. */
    public Snapshot() {
      super(() -> INSTANCE);
    }

    @Override
    public int getCurrentVersion() {
      return VERSION;
    }

    @Override
    public void readSnapshot(int version, DataInputView in, ClassLoader loader) throws IOException {
      if (version != VERSION) {
        throw new IOException(
            "a build with other key groups wrote the savepoint (it has version %d of the keys of sequences, this build has version %d): start without it; the job then reads all tokens from the beginning of their topic"
                .formatted(version, VERSION));
      }
      // The base class has version 3, and writes the same bytes.
      super.readSnapshot(VERSION - 1, in, loader);
    }
  }
}
