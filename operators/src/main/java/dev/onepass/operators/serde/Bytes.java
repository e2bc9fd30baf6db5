package dev.onepass.operators.serde;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Arrays and strings on Flink's data views. Lengths are ints; -1 stands for null. */
public final class Bytes {

  private Bytes() {}

  public static void write(byte[] bytes, DataOutputView out) throws IOException {
    if (bytes == null) {
      out.writeInt(-1);
      return;
    }
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  public static byte[] read(DataInputView in) throws IOException {
    int length = in.readInt();
    if (length < 0) {
      return null;
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return bytes;
  }

  public static void writeString(String text, DataOutputView out) throws IOException {
    write(text.getBytes(StandardCharsets.UTF_8), out);
  }

  public static String readString(DataInputView in) throws IOException {
    return new String(read(in), StandardCharsets.UTF_8);
  }

  public static void writeFloats(float[] floats, DataOutputView out) throws IOException {
    if (floats == null) {
      out.writeInt(-1);
      return;
    }
    ByteBuffer buffer = little(floats.length * Float.BYTES);
    buffer.asFloatBuffer().put(floats);
    write(buffer.array(), out);
  }

  public static float[] readFloats(DataInputView in) throws IOException {
    byte[] bytes = read(in);
    if (bytes == null) {
      return null;
    }
    float[] floats = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
    return floats;
  }

  public static void writeDoubles(double[] doubles, DataOutputView out) throws IOException {
    ByteBuffer buffer = little(doubles.length * Double.BYTES);
    buffer.asDoubleBuffer().put(doubles);
    write(buffer.array(), out);
  }

  public static double[] readDoubles(DataInputView in) throws IOException {
    byte[] bytes = read(in);
    double[] doubles = new double[bytes.length / Double.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(doubles);
    return doubles;
  }

  public static void writeLongs(long[] longs, DataOutputView out) throws IOException {
    ByteBuffer buffer = little(longs.length * Long.BYTES);
    buffer.asLongBuffer().put(longs);
    write(buffer.array(), out);
  }

  public static long[] readLongs(DataInputView in) throws IOException {
    byte[] bytes = read(in);
    long[] longs = new long[bytes.length / Long.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(longs);
    return longs;
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
