package dev.onepass.operators.event;

import dev.onepass.operators.serde.FlowSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Raw records between a source and its decoder. */
public final class RawRecordSerializer extends FlowSerializer<RawRecord> {
  private static final long serialVersionUID = 1L;

  /** The one instance. */
  public static final RawRecordSerializer INSTANCE = new RawRecordSerializer();

  @Override
  protected void write(RawRecord origin, DataOutputView out) throws IOException {
    RawRecordFormat.write(origin, out);
  }

  @Override
  protected RawRecord read(DataInputView in) throws IOException {
    return RawRecordFormat.read(in);
  }

  @Override
  public TypeSerializerSnapshot<RawRecord> snapshotConfiguration() {
    return new Snapshot();
  }

  /** For in-flight data of unaligned checkpoints. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<RawRecord> {
    /** For Flink. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
