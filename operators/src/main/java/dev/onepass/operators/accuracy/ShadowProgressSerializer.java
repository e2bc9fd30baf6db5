// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.accuracy;

import dev.onepass.operators.serde.FlowSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes and reads the progress of shadows. Its version also applies to the stored tokens. */
public final class ShadowProgressSerializer extends FlowSerializer<ShadowProgress> {
  private static final long serialVersionUID = 1L;

  /** The one instance. */
  public static final ShadowProgressSerializer INSTANCE = new ShadowProgressSerializer();

  @Override
  protected void write(ShadowProgress progress, DataOutputView out) throws IOException {
    out.writeLong(progress.accepted());
    out.writeLong(progress.retracted());
  }

  @Override
  protected ShadowProgress read(DataInputView in) throws IOException {
    return new ShadowProgress(in.readLong(), in.readLong());
  }

  @Override
  public TypeSerializerSnapshot<ShadowProgress> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The format's entry in savepoints. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<ShadowProgress> {
    /** For Flink. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
