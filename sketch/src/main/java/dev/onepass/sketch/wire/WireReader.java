package dev.onepass.sketch.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads little-endian numbers and trusts none of them: every read that the bytes cannot serve ends
 * in a {@link CorruptSketchException}. Callers ask {@link #require} before they allocate.
 */
public final class WireReader {

  /** Whether plus and minus infinity are legal; NaN never is. */
  public enum Infinities {
    /** They mark an empty range or maximum. */
    ALLOWED,
    /** The numbers are sums or coordinates. */
    REFUSED
  }

  private final ByteBuffer buffer;

  /** A reader over all of the bytes. */
  public WireReader(byte[] bytes) {
    buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * @throws CorruptSketchException unless at least this many bytes are left; call before allocating
   */
  public void require(long bytes) {
    if (bytes < 0 || bytes > buffer.remaining()) {
      throw new CorruptSketchException(
          "%d bytes are due where %d are left".formatted(bytes, buffer.remaining()));
    }
  }

  /** An unsigned byte. */
  public int getByte() {
    require(Byte.BYTES);
    return Byte.toUnsignedInt(buffer.get());
  }

  /** An unsigned 16-bit number. */
  public int getShort() {
    require(Short.BYTES);
    return Short.toUnsignedInt(buffer.getShort());
  }

  /** A 32-bit number. */
  public int getInt() {
    require(Integer.BYTES);
    return buffer.getInt();
  }

  /** A 32-bit number in a range, both ends inclusive. */
  public int getInt(String name, int low, int high) {
    int value = getInt();
    if (value < low || value > high) {
      throw new CorruptSketchException("%s is %d, not in %d..%d".formatted(name, value, low, high));
    }
    return value;
  }

  /** A 64-bit number. */
  public long getLong() {
    require(Long.BYTES);
    return buffer.getLong();
  }

  /** A finite number of 4 bytes. */
  public float getFloat() {
    require(Float.BYTES);
    float value = buffer.getFloat();
    refuse(!Float.isFinite(value));
    return value;
  }

  /** A finite number of 8 bytes. */
  public double getDouble() {
    require(Double.BYTES);
    double value = buffer.getDouble();
    refuse(!Double.isFinite(value));
    return value;
  }

  /** Fills the first {@code count} numbers. */
  public void getFloats(float[] target, int count, Infinities infinities) {
    require((long) count * Float.BYTES);
    buffer.asFloatBuffer().get(target, 0, count);
    buffer.position(buffer.position() + count * Float.BYTES);
    for (int i = 0; i < count; i++) {
      refuse(
          infinities == Infinities.ALLOWED ? target[i] != target[i] : !Float.isFinite(target[i]));
    }
  }

  /** A new array of {@code count} finite numbers. */
  public float[] getFloats(int count) {
    require((long) count * Float.BYTES);
    float[] values = new float[count];
    getFloats(values, count, Infinities.REFUSED);
    return values;
  }

  /** Fills the array with signed 16-bit numbers. */
  public void getShorts(short[] target) {
    require((long) target.length * Short.BYTES);
    buffer.asShortBuffer().get(target);
    buffer.position(buffer.position() + target.length * Short.BYTES);
  }

  /** Fills the array with bytes as they are. */
  public void getBytes(byte[] target) {
    require(target.length);
    buffer.get(target);
  }

  /** So many bytes as they are. */
  public byte[] getBytes(int count) {
    require(count);
    byte[] bytes = new byte[count];
    buffer.get(bytes);
    return bytes;
  }

  /**
   * @throws CorruptSketchException if bytes are left over
   */
  public void expectEnd() {
    if (buffer.hasRemaining()) {
      throw new CorruptSketchException(buffer.remaining() + " bytes are left over");
    }
  }

  private static void refuse(boolean notFinite) {
    if (notFinite) {
      throw new CorruptSketchException("a number is not finite");
    }
  }
}
