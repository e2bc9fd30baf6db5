package dev.onepass.operators.sequence.waiting;

import dev.onepass.operators.serde.FlowSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes and reads the index of waiting events. */
public final class WaitingEntrySerializer extends FlowSerializer<WaitingEntry> {
  private static final long serialVersionUID = 1L;

  /** The one instance. */
  public static final WaitingEntrySerializer INSTANCE = new WaitingEntrySerializer();

  private static final WaitingEntry.Reason[] REASONS = WaitingEntry.Reason.values();

  @Override
  protected void write(WaitingEntry entry, DataOutputView out) throws IOException {
    out.writeByte(entry.reason().ordinal());
    out.writeLong(entry.tokens());
    out.writeLong(entry.deadline());
    out.writeInt(entry.bytes());
  }

  @Override
  protected WaitingEntry read(DataInputView in) throws IOException {
    int reason = in.readUnsignedByte();
    if (reason >= REASONS.length) {
      throw new IOException("reason " + reason + " of a waiting event is not known");
    }
    return new WaitingEntry(REASONS[reason], in.readLong(), in.readLong(), in.readInt());
  }

  @Override
  public TypeSerializerSnapshot<WaitingEntry> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The format's entry in savepoints. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<WaitingEntry> {
    /** For Flink. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
