// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.anchors;

import dev.onepass.sketch.annotations.PublicEvolving;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of anchor sets of several heads and versions. The entries follow each other without a file
 * header, so files can be concatenated:
 *
 * <pre>
 *   +----------+-------------+--------------------+-------------+-------------------+-----+
 *   | OF (i2)  | format (i2) | bytes of head (i4) | head, UTF-8 | bytes of set (i4) | set |  ...
 *   +----------+-------------+--------------------+-------------+-------------------+-----+
 * </pre>
 */
@PublicEvolving
public final class AnchorFile {

  private static final int MAGIC = 'O' | 'F' << 8;
  private static final int FORMAT = 1;
  private static final int FRAME = 2 * Short.BYTES + 2 * Integer.BYTES;

  private AnchorFile() {}

  /**
   * An anchor set and its head.
   *
   * @param head name of the head
   * @param set the anchor set
   */
  public record Entry(String head, AnchorSet set) {}

  /**
   * Returns the bytes of a file.
   *
   * @param entries entries in the order of the file
   */
  public static byte[] toByteArray(List<Entry> entries) {
    List<byte[]> parts = new ArrayList<>();
    int size = 0;
    for (Entry entry : entries) {
      byte[] head = entry.head().getBytes(StandardCharsets.UTF_8);
      byte[] set = entry.set().toByteArray();
      parts.add(head);
      parts.add(set);
      size = Math.addExact(size, FRAME + head.length + set.length);
    }
    WireWriter out = new WireWriter(size);
    for (int i = 0; i < parts.size(); i += 2) {
      out.putShort(MAGIC);
      out.putShort(FORMAT);
      putBytes(out, parts.get(i));
      putBytes(out, parts.get(i + 1));
    }
    return out.toByteArray();
  }

  private static void putBytes(WireWriter out, byte[] bytes) {
    out.putInt(bytes.length);
    for (byte b : bytes) {
      out.putByte(b);
    }
  }

  /**
   * Reads what {@link #toByteArray} wrote.
   *
   * @param bytes bytes of a file, or of several concatenated files
   * @return the entries in the order of the file
   * @throws CorruptSketchException if the bytes are not an anchor file, or if a set fails {@link
   *     AnchorSet#tryOut}; memory stays bounded by a small multiple of {@code bytes.length}
   */
  public static List<Entry> fromByteArray(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    List<Entry> entries = new ArrayList<>();
    int left = bytes.length;
    while (left > 0) {
      if (in.getShort() != MAGIC) {
        throw new CorruptSketchException(
            "set %d of the anchor file does not begin with OF".formatted(entries.size() + 1));
      }
      int format = in.getShort();
      if (format != FORMAT) {
        throw new CorruptSketchException(
            "anchor file has format %d; expected %d".formatted(format, FORMAT));
      }
      byte[] head = getBytes(in);
      byte[] set = getBytes(in);
      AnchorSet read = AnchorSet.fromByteArray(set);
      read.tryOut();
      entries.add(new Entry(new String(head, StandardCharsets.UTF_8), read));
      left -= FRAME + head.length + set.length;
    }
    return entries;
  }

  private static byte[] getBytes(WireReader in) {
    int length = in.getInt("bytes", 0, Integer.MAX_VALUE);
    in.require(length);
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) in.getByte();
    }
    return bytes;
  }
}
