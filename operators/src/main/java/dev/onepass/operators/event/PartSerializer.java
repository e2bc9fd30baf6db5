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

/** Serializes parts of answers between tasks and in state. */
public final class PartSerializer extends FlowSerializer<Part> {
  private static final long serialVersionUID = 1L;

  /** The only instance. */
  public static final PartSerializer INSTANCE = new PartSerializer();

  @Override
  protected void write(Part part, DataOutputView out) throws IOException {
    SequenceKeySerializer.INSTANCE.write(part.key(), out);
    RawRecordSerializer.INSTANCE.write(part.origin(), out);
    Bytes.writeString(part.queryId(), out);
    EventSerializer.write(part.spread(), out);
    out.writeInt(part.shard());
    out.writeLong(part.accepted());
    out.writeBoolean(part.last());
    out.writeByte(part.kind().code());
    Bytes.write(part.content(), out);
  }

  @Override
  protected Part read(DataInputView in) throws IOException {
    SequenceKey key = SequenceKeySerializer.INSTANCE.read(in);
    RawRecord origin = RawRecordSerializer.INSTANCE.read(in);
    String queryId = Bytes.readString(in);
    Event.Spread spread = EventSerializer.readSpread(in);
    int shard = in.readInt();
    long accepted = in.readLong();
    boolean last = in.readBoolean();
    int code = in.readUnsignedByte();
    Part.Kind kind = Part.Kind.of(code);
    if (kind == null) {
      throw new IOException("kind " + code + " of a part is not known");
    }
    return new Part(key, origin, queryId, spread, shard, accepted, last, kind, Bytes.read(in));
  }

  @Override
  public TypeSerializerSnapshot<Part> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The snapshot that savepoints hold next to the parts. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Part> {
    /** Creates a snapshot; Flink calls the constructor by reflection. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
