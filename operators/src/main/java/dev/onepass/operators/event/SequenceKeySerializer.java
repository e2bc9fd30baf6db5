package dev.onepass.operators.event;

import dev.onepass.operators.serde.Bytes;
import dev.onepass.operators.serde.FlowSerializer;
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

  /**
   * Written into savepoints beside the keys. Its version moves with the hash of keys, because state
   * lies in key groups by that hash: state of another one would be restored and never be found.
   */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<SequenceKey> {
    private static final int VERSION = 4;

    /** For Flink. */
    public Snapshot() {
      super(() -> INSTANCE);
    }

    @Override
    public int getCurrentVersion() {
      return VERSION;
    }

    @Override
    public void readSnapshot(int version, DataInputView in, ClassLoader loader) throws IOException {
      if (version != VERSION) {
        throw new IOException(
            "the savepoint was written by a build that put sequences into other key groups (version %d of their keys, where this build has %d): start without it, tokens are then read from the beginning of their topic"
                .formatted(version, VERSION));
      }
      // Version 3 is that of the class above, which writes what this one does.
      super.readSnapshot(VERSION - 1, in, loader);
    }
  }
}
