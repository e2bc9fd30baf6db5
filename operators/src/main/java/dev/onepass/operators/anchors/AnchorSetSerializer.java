// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors;

import dev.onepass.operators.serde.Bytes;
import dev.onepass.operators.serde.FlowSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializes anchor sets in broadcast state. */
public final class AnchorSetSerializer extends FlowSerializer<StoredAnchorSet> {
  private static final long serialVersionUID = 1L;

  /** The only instance. */
  public static final AnchorSetSerializer INSTANCE = new AnchorSetSerializer();

  @Override
  protected void write(StoredAnchorSet set, DataOutputView out) throws IOException {
    Bytes.writeString(set.name(), out);
    Bytes.write(set.bytes(), out);
  }

  @Override
  protected StoredAnchorSet read(DataInputView in) throws IOException {
    return new StoredAnchorSet(Bytes.readString(in), Bytes.read(in));
  }

  @Override
  public TypeSerializerSnapshot<StoredAnchorSet> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The snapshot that savepoints hold next to the broadcast state. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<StoredAnchorSet> {
    /** Creates a snapshot; Flink calls the constructor by reflection. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
