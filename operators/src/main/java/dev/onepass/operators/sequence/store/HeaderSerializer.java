package dev.onepass.operators.sequence.store;

import dev.onepass.operators.serde.FlowSerializer;
import dev.onepass.sketch.sequence.Header;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Headers in state; the header brings its own versioned format.
 *
 * <p>A header is changed in place. On the heap backend the stored object is the one that is handed
 * out, so a snapshot that is being written needs a true copy beside it.
 */
public final class HeaderSerializer extends FlowSerializer<Header> {
  private static final long serialVersionUID = 1L;

  /** The one instance. */
  public static final HeaderSerializer INSTANCE = new HeaderSerializer();

  @Override
  protected void write(Header header, DataOutputView out) throws IOException {
    out.write(header.toByteArray());
  }

  @Override
  protected Header read(DataInputView in) throws IOException {
    int version = in.readUnsignedByte();
    byte[] bytes = new byte[Header.bytes(version)];
    bytes[0] = (byte) version;
    in.readFully(bytes, 1, bytes.length - 1);
    return Header.fromByteArray(bytes);
  }

  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public Header copy(Header from) {
    return Header.fromByteArray(from.toByteArray());
  }

  @Override
  public TypeSerializerSnapshot<Header> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Written into savepoints beside the headers. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Header> {
    /** For Flink. */
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
