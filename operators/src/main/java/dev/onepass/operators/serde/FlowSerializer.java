package dev.onepass.operators.serde;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Base of the serializers of types that are immutable unless they say otherwise: copies are the
 * same object, and the bytes begin with a version of their own, so that what lies in a checkpoint
 * can still be told apart when the format moves.
 *
 * @param <T> the type
 */
public abstract class FlowSerializer<T> extends TypeSerializerSingleton<T> {
  private static final long serialVersionUID = 1L;

  /** Returns the version of the bytes that are written; older ones are read too. */
  protected int version() {
    return 1;
  }

  /** Writes one object. */
  protected abstract void write(T object, DataOutputView out) throws IOException;

  /** Reads one object. */
  protected abstract T read(DataInputView in) throws IOException;

  /** Reads one object from bytes of a version below the present one. */
  protected T readOlder(int version, DataInputView in) throws IOException {
    throw unknown(version);
  }

  @Override
  public final void serialize(T object, DataOutputView out) throws IOException {
    out.writeByte(version());
    write(object, out);
  }

  @Override
  public final T deserialize(DataInputView in) throws IOException {
    int version = in.readUnsignedByte();
    if (version == version()) {
      return read(in);
    }
    if (version == 0 || version > version()) {
      throw unknown(version);
    }
    return readOlder(version, in);
  }

  private IOException unknown(int version) {
    return new IOException(
        "%s: version %d of the bytes is not known".formatted(getClass().getName(), version));
  }

  @Override
  public final T deserialize(T reuse, DataInputView in) throws IOException {
    return deserialize(in);
  }

  /** Holds for everything that flows; state that is changed in place says otherwise. */
  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public final T createInstance() {
    return null;
  }

  @Override
  public T copy(T from) {
    return from;
  }

  @Override
  public final T copy(T from, T reuse) {
    return copy(from);
  }

  @Override
  public final void copy(DataInputView in, DataOutputView out) throws IOException {
    serialize(deserialize(in), out);
  }

  @Override
  public final int getLength() {
    return -1;
  }
}
