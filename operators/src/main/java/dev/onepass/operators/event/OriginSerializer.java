package dev.onepass.operators.event;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Raw records between a source and its decoder. */
public final class OriginSerializer extends FlowSerializer<Origin> {
  private static final long serialVersionUID = 1L;

  /** The one instance. */
  public static final OriginSerializer INSTANCE = new OriginSerializer();

  @Override
  protected void write(Origin origin, DataOutputView out) throws IOException {
    OriginFormat.write(origin, out);
  }

  @Override
  protected Origin read(DataInputView in) throws IOException {
    return OriginFormat.read(in);
  }

  @Override
  public TypeSerializerSnapshot<Origin> snapshotConfiguration() {
    return new Snapshot();
  }

  /** For in-flight data of unaligned checkpoints. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Origin> {
    /** For Flink. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
