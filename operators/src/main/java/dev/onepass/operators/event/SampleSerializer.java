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

/** Serializes sampled vectors between tasks. Only unaligned checkpoints hold the bytes. */
public final class SampleSerializer extends FlowSerializer<Sample> {
  private static final long serialVersionUID = 1L;

  /** The only instance. */
  public static final SampleSerializer INSTANCE = new SampleSerializer();

  @Override
  protected void write(Sample sample, DataOutputView out) throws IOException {
    Bytes.writeString(sample.head(), out);
    out.writeBoolean(sample.query());
    Bytes.writeFloats(sample.vector(), out);
    out.writeLong(sample.sequence());
  }

  @Override
  protected Sample read(DataInputView in) throws IOException {
    return new Sample(Bytes.readString(in), in.readBoolean(), Bytes.readFloats(in), in.readLong());
  }

  @Override
  public TypeSerializerSnapshot<Sample> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The snapshot that unaligned checkpoints hold next to records in flight. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Sample> {
    /** Creates a snapshot; Flink calls the constructor by reflection. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
