package dev.onepass.operators.event;

import dev.onepass.operators.serde.Bytes;
import dev.onepass.operators.serde.FlowSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Sampled vectors between tasks; nothing but unaligned checkpoints holds its bytes. */
public final class SampleSerializer extends FlowSerializer<Sample> {
  private static final long serialVersionUID = 1L;

  /** The one instance. */
  public static final SampleSerializer INSTANCE = new SampleSerializer();

  @Override
  protected void write(Sample sample, DataOutputView out) throws IOException {
    Bytes.writeString(sample.head(), out);
    out.writeBoolean(sample.query());
    Bytes.writeFloats(sample.vector(), out);
    out.writeLong(sample.sequence());
  }

  @Override
  protected Sample read(DataInputView in) throws IOException {
    return new Sample(Bytes.readString(in), in.readBoolean(), Bytes.readFloats(in), in.readLong());
  }

  @Override
  public TypeSerializerSnapshot<Sample> snapshotConfiguration() {
    return new Snapshot();
  }

  /** For in-flight data of unaligned checkpoints. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Sample> {
    /** For Flink. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
