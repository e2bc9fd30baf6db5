// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.census;

import dev.onepass.operators.serde.FlowSerializer;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializes counts of sequences in state. */
public final class HeadCountSerializer extends FlowSerializer<HeadCount> {
  private static final long serialVersionUID = 1L;

  /** The only instance. */
  public static final HeadCountSerializer INSTANCE = new HeadCountSerializer();

  @Override
  protected int version() {
    return 2;
  }

  @Override
  protected void write(HeadCount count, DataOutputView out) throws IOException {
    out.writeInt(count.firstKeyGroup());
    out.writeInt(count.lastKeyGroup());
    out.writeUTF(count.head());
    out.writeLong(count.total().sequences());
    out.writeLong(count.total().exact());
    out.writeLong(count.total().stateBytes());
    out.writeLong(count.total().waiting());
    out.writeInt(count.adopted().size());
    for (Map.Entry<Integer, Long> version : count.adopted().entrySet()) {
      out.writeInt(version.getKey());
      out.writeLong(version.getValue());
    }
  }

  @Override
  protected HeadCount read(DataInputView in) throws IOException {
    HeadCount count = readOlder(1, in);
    SortedMap<Integer, Long> adopted = new TreeMap<>();
    for (int versions = in.readInt(); versions > 0; versions--) {
      adopted.put(in.readInt(), in.readLong());
    }
    return new HeadCount(
        count.firstKeyGroup(), count.lastKeyGroup(), count.head(), count.total(), adopted);
  }

  /** Reads version 1, which lacks the adopted versions. */
  @Override
  protected HeadCount readOlder(int version, DataInputView in) throws IOException {
    return new HeadCount(
        in.readInt(),
        in.readInt(),
        in.readUTF(),
        new Footprint(in.readLong(), in.readLong(), in.readLong(), in.readLong(), 0),
        null);
  }

  @Override
  public TypeSerializerSnapshot<HeadCount> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The snapshot that savepoints hold next to the counts. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<HeadCount> {
    /** Creates a snapshot; Flink calls the constructor by reflection. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
