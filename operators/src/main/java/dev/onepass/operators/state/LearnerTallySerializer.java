package dev.onepass.operators.state;

import dev.onepass.operators.event.FlowSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The learner's tally in state. */
public final class LearnerTallySerializer extends FlowSerializer<LearnerTally> {
  private static final long serialVersionUID = 1L;

  /** The one instance. */
  public static final LearnerTallySerializer INSTANCE = new LearnerTallySerializer();

  @Override
  protected void write(LearnerTally tally, DataOutputView out) throws IOException {
    out.writeInt(tally.surplusQueries());
    out.writeInt(tally.surplusKeys());
    out.writeLong(tally.fullSince());
    out.writeInt(tally.failures());
  }

  @Override
  protected LearnerTally read(DataInputView in) throws IOException {
    return new LearnerTally(in.readInt(), in.readInt(), in.readLong(), in.readInt());
  }

  @Override
  public TypeSerializerSnapshot<LearnerTally> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Written into savepoints beside the learner's tally. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<LearnerTally> {
    /** For Flink. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
