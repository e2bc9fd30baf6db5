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

/** Serializes dead letters between tasks. */
public final class DeadLetterSerializer extends FlowSerializer<DeadLetter> {
  private static final long serialVersionUID = 1L;

  /** The only instance. */
  public static final DeadLetterSerializer INSTANCE = new DeadLetterSerializer();

  @Override
  protected void write(DeadLetter letter, DataOutputView out) throws IOException {
    RawRecordSerializer.INSTANCE.write(letter.origin(), out);
    Bytes.writeString(letter.error(), out);
  }

  @Override
  protected DeadLetter read(DataInputView in) throws IOException {
    return new DeadLetter(RawRecordSerializer.INSTANCE.read(in), Bytes.readString(in));
  }

  @Override
  public TypeSerializerSnapshot<DeadLetter> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The snapshot that unaligned checkpoints hold next to records in flight. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<DeadLetter> {
    /** Creates a snapshot; Flink calls the constructor by reflection. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
