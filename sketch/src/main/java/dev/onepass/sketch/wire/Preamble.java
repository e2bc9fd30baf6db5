// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.wire;

import dev.onepass.sketch.annotations.PublicEvolving;

/**
 * The bytes in front of the state of every sketch, little-endian:
 *
 * <pre>
 *  byte   0     1     2        3        4             8               12            20              28
 *       +-----+-----+--------+--------+-------------+---------------+-------------+---------------+
 *       | 'O' | 'P' | format | family | key dim (i4)| value dim (i4)| tokens (i8) | exponent (i8) |
 *       +-----+-----+--------+--------+-------------+---------------+-------------+---------------+
 *    28 | the family's own state ...
 * </pre>
 *
 * <p>Format 1 has no exponent: all tokens of the sketch had weight 1. Format 2 is written by
 * sketches whose tokens had other weights.
 *
 * @param family id of the sketch's family, with the bit {@link #QUERY_SIDE} in a query sketch
 * @param keyDim length of keys
 * @param valueDim length of values
 * @param tokens tokens folded minus tokens retracted; in a query sketch, the number of rows
 * @param weighted whether tokens may have had other weights than 1 (format 2)
 * @param exponent the sketch's sums are relative to 2^exponent; 0 unless weighted
 */
@PublicEvolving
public record Preamble(
    int family, int keyDim, int valueDim, long tokens, boolean weighted, long exponent) {

  /** The largest dimension of keys and of values. */
  public static final int MAX_DIM = 8192;

  /** The length of a preamble in bytes, in format 1. */
  public static final int BYTES = 20;

  /** The largest length of a preamble in bytes. */
  public static final int MOST_BYTES = BYTES + Long.BYTES;

  /** The largest |exponent|; differences of exponents are whole numbers of 64 bits. */
  public static final long MAX_EXPONENT = 1L << 60;

  /** The newest format. Every released format remains readable. */
  public static final int FORMAT = 2;

  /** The bit of the family that marks a query sketch. Ids of families are smaller. */
  public static final int QUERY_SIDE = 0x80;

  /** Creates the preamble of a query sketch, or of a sketch whose tokens all had weight 1. */
  public Preamble(int family, int keyDim, int valueDim, long tokens) {
    this(family, keyDim, valueDim, tokens, false, 0);
  }

  /**
   * Returns the length of the preamble of a sketch in bytes.
   *
   * @param weighted whether tokens may have had other weights than 1
   */
  public static int bytes(boolean weighted) {
    return weighted ? MOST_BYTES : BYTES;
  }

  /**
   * Writes the preamble, {@link #bytes} long.
   *
   * @param out receives the bytes
   */
  public void write(WireWriter out) {
    out.putByte('O');
    out.putByte('P');
    out.putByte(weighted ? FORMAT : 1);
    out.putByte(family);
    out.putInt(keyDim);
    out.putInt(valueDim);
    out.putLong(tokens);
    if (weighted) {
      out.putLong(exponent);
    }
  }

  /**
   * Reads and checks a preamble.
   *
   * @param in the bytes
   * @throws CorruptSketchException if the bytes are too few, or are not a preamble of a known
   *     format, or if a number is out of range
   */
  public static Preamble read(WireReader in) {
    in.require(BYTES);
    if (in.getByte() != 'O' || in.getByte() != 'P') {
      throw new CorruptSketchException("expected bytes that begin with OP");
    }
    int format = in.getByte();
    if (format < 1 || format > FORMAT) {
      throw new CorruptSketchException(
          "format: expected 1 or %d, got %d".formatted(FORMAT, format));
    }
    int family = in.getByte();
    int keyDim = in.getInt("key dim", 1, MAX_DIM);
    int valueDim = in.getInt("value dim", 1, MAX_DIM);
    long tokens = in.getLong();
    boolean weighted = format > 1;
    long exponent = weighted ? in.getLong() : 0;
    if (exponent < -MAX_EXPONENT || exponent > MAX_EXPONENT) {
      throw new CorruptSketchException(
          "exponent: expected at most 2^60 in size, got %d".formatted(exponent));
    }
    return new Preamble(family, keyDim, valueDim, tokens, weighted, exponent);
  }
}
