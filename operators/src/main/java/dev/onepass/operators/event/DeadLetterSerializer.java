package dev.onepass.operators.event;

import dev.onepass.operators.serde.Bytes;
import dev.onepass.operators.serde.FlowSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Dead letters between tasks. */
public final class DeadLetterSerializer extends FlowSerializer<DeadLetter> {
  private static final long serialVersionUID = 1L;

  /** The one instance. */
  public static final DeadLetterSerializer INSTANCE = new DeadLetterSerializer();

  @Override
  protected void write(DeadLetter letter, DataOutputView out) throws IOException {
    RawRecordFormat.write(letter.origin(), out);
    Bytes.writeString(letter.error(), out);
  }

  @Override
  protected DeadLetter read(DataInputView in) throws IOException {
    return new DeadLetter(RawRecordFormat.read(in), Bytes.readString(in));
  }

  @Override
  public TypeSerializerSnapshot<DeadLetter> snapshotConfiguration() {
    return new Snapshot();
  }

  /** For in-flight data of unaligned checkpoints. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<DeadLetter> {
    /** For Flink. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
