package dev.onepass.sketch.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes little-endian numbers into an array of exactly the right size. */
public final class WireWriter {

  private final ByteBuffer buffer;

  /** A writer for {@code size} bytes. */
  public WireWriter(int size) {
    buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Writes the low 8 bits. */
  public void putByte(int value) {
    buffer.put((byte) value);
  }

  /** Writes the low 16 bits. */
  public void putShort(int value) {
    buffer.putShort((short) value);
  }

  /** Writes 4 bytes. */
  public void putInt(int value) {
    buffer.putInt(value);
  }

  /** Writes 8 bytes. */
  public void putLong(long value) {
    buffer.putLong(value);
  }

  /** Writes 4 bytes. */
  public void putFloat(float value) {
    buffer.putFloat(value);
  }

  /** Writes 8 bytes. */
  public void putDouble(double value) {
    buffer.putDouble(value);
  }

  /** Writes the first {@code count} numbers. */
  public void putFloats(float[] values, int count) {
    putFloats(values, 0, count);
  }

  /** Writes {@code count} numbers from {@code offset} on. */
  public void putFloats(float[] values, int offset, int count) {
    buffer.asFloatBuffer().put(values, offset, count);
    buffer.position(buffer.position() + count * Float.BYTES);
  }

  /** Writes 16 bits a number. */
  public void putShorts(short[] values) {
    buffer.asShortBuffer().put(values);
    buffer.position(buffer.position() + values.length * Short.BYTES);
  }

  /** Writes bytes as they are. */
  public void putBytes(byte[] bytes) {
    buffer.put(bytes);
  }

  /**
   * The bytes written.
   *
   * @throws IllegalStateException if fewer were written than the size announced
   */
  public byte[] toByteArray() {
    if (buffer.hasRemaining()) {
      throw new IllegalStateException(buffer.remaining() + " bytes were announced but not written");
    }
    return buffer.array();
  }
}
