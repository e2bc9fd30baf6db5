package dev.onepass.datasets.npy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes matrices in NumPy's format 1.0, byte for byte as NumPy does. */
public final class NpyWriter {
  private static final byte[] START = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

  /** The data begin at a multiple of this. */
  private static final int ALIGNMENT = 64;

  private NpyWriter() {}

  /**
   * Writes float16.
   *
   * @param values rows x columns
   * @param factor what each value is multiplied with before it is rounded
   * @throws IOException also where a value is no number or larger than float16 holds
   */
  public static void writeHalves(Path file, int rows, int columns, float[] values, double factor)
      throws IOException {
    byte[] header = header("<f2", rows, columns);
    int count = Math.multiplyExact(rows, columns);
    ByteBuffer buffer =
        ByteBuffer.allocate(header.length + Math.multiplyExact(count, Short.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(header);
    for (int i = 0; i < count; i++) {
      short half = half((float) (values[i] * factor));
      if ((half & 0x7c00) == 0x7c00) {
        throw new IOException(file + " would hold a number that float16 cannot");
      }
      buffer.putShort(half);
    }
    Files.write(file, buffer.array());
  }

  private static byte[] header(String type, int rows, int columns) {
    String words =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d), }"
            .formatted(type, rows, columns);
    int prefix = START.length + Short.BYTES;
    int length = (prefix + words.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - prefix;
    String padded = words + " ".repeat(length - words.length() - 1) + "\n";
    return ByteBuffer.allocate(prefix + length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(START)
        .putShort((short) length)
        .put(padded.getBytes(StandardCharsets.US_ASCII))
        .array();
  }

  /**
   * The IEEE 754 binary16 nearest to a float, ties to even, infinity from 65520 on; Java has this
   * since 20 only.
   */
  static short half(float x) {
    int sign = Float.floatToRawIntBits(x) >>> 16 & 0x8000;
    if (Float.isNaN(x)) {
      return (short) (sign | 0x7e00);
    }
    float size = Math.abs(x);
    if (size >= 65_520) {
      return (short) (sign | 0x7c00);
    }
    int exponent = Math.max(-14, Math.getExponent(size));
    // In units of the last place; a carry runs into the exponent's bits, where it belongs.
    int units = (int) Math.rint(Math.scalb((double) size, 10 - exponent));
    return (short) (sign | units + (exponent + 14 << 10));
  }
}
