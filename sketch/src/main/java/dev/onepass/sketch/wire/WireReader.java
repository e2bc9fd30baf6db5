// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.wire;

import dev.onepass.sketch.annotations.PublicEvolving;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads little-endian numbers from bytes that may be damaged or hostile. Every read that the bytes
 * cannot serve ends in a {@link CorruptSketchException}. Callers call {@link #require} before they
 * allocate.
 */
@PublicEvolving
public final class WireReader {

  /** Whether plus and minus infinity are legal. NaN never is. */
  public enum Infinities {
    /** Infinity marks an empty range or maximum. */
    ALLOWED,
    /** The numbers are sums or coordinates, which are finite. */
    REFUSED
  }

  private final ByteBuffer buffer;

  /**
   * Creates a reader over all of the bytes; they are not copied.
   *
   * @param bytes the bytes
   */
  public WireReader(byte[] bytes) {
    buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Checks that bytes are left. Call it before allocating memory for them.
   *
   * @param bytes the bytes
   * @throws CorruptSketchException if fewer than the given number of bytes are left
   */
  public void require(long bytes) {
    if (bytes < 0 || bytes > buffer.remaining()) {
      throw new CorruptSketchException(
          "expected %d more bytes, got %d".formatted(bytes, buffer.remaining()));
    }
  }

  /** Reads an unsigned byte, 0 to 255. */
  public int getByte() {
    require(Byte.BYTES);
    return Byte.toUnsignedInt(buffer.get());
  }

  /** Reads an unsigned 16-bit number, 0 to 65535. */
  public int getShort() {
    require(Short.BYTES);
    return Short.toUnsignedInt(buffer.getShort());
  }

  /** Reads a 32-bit number. */
  public int getInt() {
    require(Integer.BYTES);
    return buffer.getInt();
  }

  /**
   * Reads a 32-bit number that must lie in a range.
   *
   * @param name what the number is, for the message
   * @param low smallest legal number
   * @param high largest legal number
   * @throws CorruptSketchException if the number is out of range
   */
  public int getInt(String name, int low, int high) {
    int value = getInt();
    if (value < low || value > high) {
      throw new CorruptSketchException(
          "%s: expected %d to %d, got %d".formatted(name, low, high, value));
    }
    return value;
  }

  /** Reads a 64-bit number. */
  public long getLong() {
    require(Long.BYTES);
    return buffer.getLong();
  }

  /** Reads a finite float. */
  public float getFloat() {
    require(Float.BYTES);
    float value = buffer.getFloat();
    refuse(!Float.isFinite(value));
    return value;
  }

  /** Reads a finite double. */
  public double getDouble() {
    require(Double.BYTES);
    double value = buffer.getDouble();
    refuse(!Double.isFinite(value));
    return value;
  }

  /**
   * Reads floats into the beginning of an array.
   *
   * @param target is filled, from the beginning on
   * @param count how many
   * @param infinities whether they may be infinite
   */
  public void getFloats(float[] target, int count, Infinities infinities) {
    require((long) count * Float.BYTES);
    buffer.asFloatBuffer().get(target, 0, count);
    buffer.position(buffer.position() + count * Float.BYTES);
    for (int i = 0; i < count; i++) {
      refuse(
          infinities == Infinities.ALLOWED ? Float.isNaN(target[i]) : !Float.isFinite(target[i]));
    }
  }

  /**
   * Reads finite floats.
   *
   * @param count how many
   */
  public float[] getFloats(int count) {
    require((long) count * Float.BYTES);
    float[] values = new float[count];
    getFloats(values, count, Infinities.REFUSED);
    return values;
  }

  /**
   * Fills an array with signed 16-bit numbers.
   *
   * @param target is filled, from the beginning on
   */
  public void getShorts(short[] target) {
    require((long) target.length * Short.BYTES);
    buffer.asShortBuffer().get(target);
    buffer.position(buffer.position() + target.length * Short.BYTES);
  }

  /**
   * Fills an array with bytes.
   *
   * @param target is filled, from the beginning on
   */
  public void getBytes(byte[] target) {
    require(target.length);
    buffer.get(target);
  }

  /**
   * Reads bytes.
   *
   * @param count how many
   */
  public byte[] getBytes(int count) {
    require(count);
    byte[] bytes = new byte[count];
    buffer.get(bytes);
    return bytes;
  }

  /**
   * Checks that nothing is left.
   *
   * @throws CorruptSketchException if bytes are left over
   */
  public void expectEnd() {
    if (buffer.hasRemaining()) {
      throw new CorruptSketchException(
          "expected the end, got %d more bytes".formatted(buffer.remaining()));
    }
  }

  private static void refuse(boolean notFinite) {
    if (notFinite) {
      throw new CorruptSketchException("expected a finite number");
    }
  }
}
