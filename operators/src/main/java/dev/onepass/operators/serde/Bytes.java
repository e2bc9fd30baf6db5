// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.serde;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Writes arrays and strings to Flink's data views, and reads them. The length in bytes precedes the
 * content as an int; -1 stands for null. Numbers are little-endian.
 */
public final class Bytes {

  private Bytes() {}

  /** Writes bytes, or null. */
  public static void write(byte[] bytes, DataOutputView out) throws IOException {
    if (bytes == null) {
      out.writeInt(-1);
      return;
    }
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /** Reads bytes, or null. */
  public static byte[] read(DataInputView in) throws IOException {
    int length = in.readInt();
    if (length < 0) {
      return null;
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return bytes;
  }

  /** Writes a string in UTF-8; it must not be null. */
  public static void writeString(String text, DataOutputView out) throws IOException {
    write(text.getBytes(StandardCharsets.UTF_8), out);
  }

  /** Reads a string. */
  public static String readString(DataInputView in) throws IOException {
    return new String(read(in), StandardCharsets.UTF_8);
  }

  /** Writes floats, or null. */
  public static void writeFloats(float[] floats, DataOutputView out) throws IOException {
    if (floats == null) {
      out.writeInt(-1);
      return;
    }
    byte[] bytes = new byte[floats.length * Float.BYTES];
    little(bytes).asFloatBuffer().put(floats);
    write(bytes, out);
  }

  /** Reads floats, or null. */
  public static float[] readFloats(DataInputView in) throws IOException {
    byte[] bytes = read(in);
    if (bytes == null) {
      return null;
    }
    float[] floats = new float[bytes.length / Float.BYTES];
    little(bytes).asFloatBuffer().get(floats);
    return floats;
  }

  /** Writes doubles; the array must not be null. */
  public static void writeDoubles(double[] doubles, DataOutputView out) throws IOException {
    byte[] bytes = new byte[doubles.length * Double.BYTES];
    little(bytes).asDoubleBuffer().put(doubles);
    write(bytes, out);
  }

  /** Reads doubles. */
  public static double[] readDoubles(DataInputView in) throws IOException {
    byte[] bytes = read(in);
    double[] doubles = new double[bytes.length / Double.BYTES];
    little(bytes).asDoubleBuffer().get(doubles);
    return doubles;
  }

  /** Writes longs; the array must not be null. */
  public static void writeLongs(long[] longs, DataOutputView out) throws IOException {
    byte[] bytes = new byte[longs.length * Long.BYTES];
    little(bytes).asLongBuffer().put(longs);
    write(bytes, out);
  }

  /** Reads longs. */
  public static long[] readLongs(DataInputView in) throws IOException {
    byte[] bytes = read(in);
    long[] longs = new long[bytes.length / Long.BYTES];
    little(bytes).asLongBuffer().get(longs);
    return longs;
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
