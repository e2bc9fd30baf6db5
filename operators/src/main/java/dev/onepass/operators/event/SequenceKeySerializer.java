package dev.onepass.operators.event;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Keys of the keyed state. Its bytes are part of every savepoint. */
public final class SequenceKeySerializer extends FlowSerializer<SequenceKey> {
  private static final long serialVersionUID = 1L;

  /** The one instance. */
  public static final SequenceKeySerializer INSTANCE = new SequenceKeySerializer();

  @Override
  protected void write(SequenceKey key, DataOutputView out) throws IOException {
    Bytes.writeString(key.head(), out);
    Bytes.writeString(key.sequence(), out);
    out.writeInt(key.shard());
  }

  @Override
  protected SequenceKey read(DataInputView in) throws IOException {
    return new SequenceKey(Bytes.readString(in), Bytes.readString(in), in.readInt());
  }

  @Override
  public TypeSerializerSnapshot<SequenceKey> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Written into savepoints beside the keys. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<SequenceKey> {
    /** For Flink. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
