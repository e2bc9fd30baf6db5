package dev.onepass.operators.event;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Anchor sets on the broadcast input and in broadcast state. */
public final class AnchorSetSerializer extends FlowSerializer<AnchorSet> {
  private static final long serialVersionUID = 1L;

  /** The one instance. */
  public static final AnchorSetSerializer INSTANCE = new AnchorSetSerializer();

  @Override
  protected void write(AnchorSet set, DataOutputView out) throws IOException {
    Bytes.writeString(set.name(), out);
    Bytes.write(set.bytes(), out);
  }

  @Override
  protected AnchorSet read(DataInputView in) throws IOException {
    return new AnchorSet(Bytes.readString(in), Bytes.read(in));
  }

  @Override
  public TypeSerializerSnapshot<AnchorSet> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Written into savepoints beside broadcast state. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<AnchorSet> {
    /** For Flink. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
