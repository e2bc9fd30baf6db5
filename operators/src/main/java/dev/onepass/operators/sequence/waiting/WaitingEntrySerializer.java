// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.sequence.waiting;

import dev.onepass.operators.serde.FlowSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes and reads the index of waiting events. */
public final class WaitingEntrySerializer extends FlowSerializer<WaitingEntry> {
  private static final long serialVersionUID = 1L;

  /** The one instance. */
  public static final WaitingEntrySerializer INSTANCE = new WaitingEntrySerializer();

  @Override
  protected void write(WaitingEntry entry, DataOutputView out) throws IOException {
    out.writeByte(entry.reason().code());
    out.writeLong(entry.tokens());
    out.writeLong(entry.deadline());
    out.writeInt(entry.bytes());
  }

  @Override
  protected WaitingEntry read(DataInputView in) throws IOException {
    int code = in.readUnsignedByte();
    WaitingEntry.Reason reason = WaitingEntry.Reason.of(code);
    if (reason == null) {
      throw new IOException("reason " + code + " of a waiting event is not known");
    }
    return new WaitingEntry(reason, in.readLong(), in.readLong(), in.readInt());
  }

  @Override
  public TypeSerializerSnapshot<WaitingEntry> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The format's entry in savepoints. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<WaitingEntry> {
    /** For Flink. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
