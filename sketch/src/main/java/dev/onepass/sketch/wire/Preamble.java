// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.wire;

import dev.onepass.sketch.annotations.PublicEvolving;

/**
 * The bytes in front of the state of every sketch, format 1, little-endian:
 *
 * <pre>
 *  byte   0        1        2        3        4                 8                12               20
 *       +--------+--------+--------+--------+-----------------+-----------------+----------------+
 *       |  'O'   |  'P'   | format | family |   key dim (i4)  |  value dim (i4) |  tokens (i8)   |
 *       +--------+--------+--------+--------+-----------------+-----------------+----------------+
 *    20 | the family's own state ...
 * </pre>
 *
 * @param family id of the sketch's family, with the bit {@link #QUERY_SIDE} in a query sketch
 * @param keyDim length of keys
 * @param valueDim length of values
 * @param tokens tokens folded minus tokens retracted; in a query sketch, the number of rows
 */
@PublicEvolving
public record Preamble(int family, int keyDim, int valueDim, long tokens) {

  /** The largest dimension of keys and of values. */
  public static final int MAX_DIM = 8192;

  /** The length of a preamble in bytes. */
  public static final int BYTES = 20;

  /** The format that is written. Every released format remains readable. */
  public static final int FORMAT = 1;

  /** The bit of the family that marks a query sketch. Ids of families are smaller. */
  public static final int QUERY_SIDE = 0x80;

  /**
   * Writes the preamble, {@value #BYTES} bytes.
   *
   * @param out receives the bytes
   */
  public void write(WireWriter out) {
    out.putByte('O');
    out.putByte('P');
    out.putByte(FORMAT);
    out.putByte(family);
    out.putInt(keyDim);
    out.putInt(valueDim);
    out.putLong(tokens);
  }

  /**
   * Reads and checks a preamble.
   *
   * @param in the bytes
   * @throws CorruptSketchException if the bytes are too few, or are not a preamble of a known
   *     format
   */
  public static Preamble read(WireReader in) {
    in.require(BYTES);
    if (in.getByte() != 'O' || in.getByte() != 'P') {
      throw new CorruptSketchException("expected bytes that begin with OP");
    }
    int format = in.getByte();
    if (format != FORMAT) {
      throw new CorruptSketchException("format: expected %d, got %d".formatted(FORMAT, format));
    }
    int family = in.getByte();
    int keyDim = in.getInt("key dim", 1, MAX_DIM);
    int valueDim = in.getInt("value dim", 1, MAX_DIM);
    long tokens = in.getLong();
    return new Preamble(family, keyDim, valueDim, tokens);
  }
}
