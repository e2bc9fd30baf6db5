// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.wire;

import dev.onepass.sketch.annotations.PublicEvolving;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes little-endian numbers into an array of exactly the right size. */
@PublicEvolving
public final class WireWriter {

  private final ByteBuffer buffer;

  /**
   * Creates a writer.
   *
   * @param size the number of bytes that will be written
   */
  public WireWriter(int size) {
    buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Writes the low 8 bits.
   *
   * @param value the number
   */
  public void putByte(int value) {
    buffer.put((byte) value);
  }

  /**
   * Writes the low 16 bits, 2 bytes.
   *
   * @param value the number
   */
  public void putShort(int value) {
    buffer.putShort((short) value);
  }

  /**
   * Writes an int, 4 bytes.
   *
   * @param value the number
   */
  public void putInt(int value) {
    buffer.putInt(value);
  }

  /**
   * Writes a long, 8 bytes.
   *
   * @param value the number
   */
  public void putLong(long value) {
    buffer.putLong(value);
  }

  /**
   * Writes a float, 4 bytes.
   *
   * @param value the number
   */
  public void putFloat(float value) {
    buffer.putFloat(value);
  }

  /**
   * Writes a double, 8 bytes.
   *
   * @param value the number
   */
  public void putDouble(double value) {
    buffer.putDouble(value);
  }

  /**
   * Writes the first {@code count} floats of an array.
   *
   * @param values what is written
   * @param count how many, at least 0
   */
  public void putFloats(float[] values, int count) {
    putFloats(values, 0, count);
  }

  /**
   * Writes {@code count} floats of an array, beginning at {@code offset}.
   *
   * @param values what is written
   * @param offset where the numbers begin
   * @param count how many, at least 0
   */
  public void putFloats(float[] values, int offset, int count) {
    buffer.asFloatBuffer().put(values, offset, count);
    buffer.position(buffer.position() + count * Float.BYTES);
  }

  /**
   * Writes all 16-bit numbers of an array.
   *
   * @param values what is written
   */
  public void putShorts(short[] values) {
    buffer.asShortBuffer().put(values);
    buffer.position(buffer.position() + values.length * Short.BYTES);
  }

  /**
   * Writes all bytes of an array.
   *
   * @param bytes the bytes
   */
  public void putBytes(byte[] bytes) {
    buffer.put(bytes);
  }

  /**
   * Returns the bytes written; not a copy.
   *
   * @throws IllegalStateException if fewer bytes were written than the size announced
   */
  public byte[] toByteArray() {
    if (buffer.hasRemaining()) {
      throw new IllegalStateException(
          "Announced bytes that were not written: %d.".formatted(buffer.remaining()));
    }
    return buffer.array();
  }
}
