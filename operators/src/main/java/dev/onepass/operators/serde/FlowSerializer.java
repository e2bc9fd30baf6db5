// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.serde;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * The base of all serializers of this module. Types are immutable unless {@link #isImmutableType}
 * says otherwise, so a copy is the same object. The bytes of an object begin with a version, by
 * which later builds recognize older formats in a checkpoint.
 *
 * @param <T> the type of the objects
 */
public abstract class FlowSerializer<T> extends TypeSerializerSingleton<T> {
  private static final long serialVersionUID = 1L;

  /** Returns the version of the bytes to write, 1 to 255. Lower versions can be read too. */
  protected int version() {
    return 1;
  }

  /** Writes an object, without the version. */
  protected abstract void write(T object, DataOutputView out) throws IOException;

  /** Reads an object of the present version. */
  protected abstract T read(DataInputView in) throws IOException;

  /**
   * Reads an object of an older version. The base class knows none.
   *
   * @throws IOException if the version is unknown
   */
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

  /** Returns true. Serializers of state that is changed in place return false. */
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
