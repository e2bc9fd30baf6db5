// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.anchors.learner;

import dev.onepass.operators.serde.FlowSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializes the progress of the learner in state. */
public final class LearnerProgressSerializer extends FlowSerializer<LearnerProgress> {
  private static final long serialVersionUID = 1L;

  /** The only instance. */
  public static final LearnerProgressSerializer INSTANCE = new LearnerProgressSerializer();

  @Override
  protected void write(LearnerProgress progress, DataOutputView out) throws IOException {
    out.writeByte(progress.stage().code());
    out.writeInt(progress.dims());
    out.writeInt(progress.version());
    out.writeLong(progress.queries());
    out.writeLong(progress.keys());
    out.writeLong(progress.minimumEnoughAt());
    out.writeLong(progress.notBefore());
  }

  @Override
  protected LearnerProgress read(DataInputView in) throws IOException {
    int code = in.readUnsignedByte();
    LearnerProgress.Stage stage = LearnerProgress.Stage.of(code);
    if (stage == null) {
      throw new IOException("stage " + code + " of the learner is not known");
    }
    return new LearnerProgress(
        stage,
        in.readInt(),
        in.readInt(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong());
  }

  @Override
  public TypeSerializerSnapshot<LearnerProgress> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The snapshot that savepoints hold next to the progress. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<LearnerProgress> {
    /** Creates a snapshot; Flink calls the constructor by reflection. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
