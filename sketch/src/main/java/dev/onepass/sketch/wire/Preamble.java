package dev.onepass.sketch.wire;

/**
 * What stands before the state of every sketch, format 1, little-endian:
 *
 * <pre>
 *  byte   0        1        2        3        4                 8                12               20
 *       +--------+--------+--------+--------+-----------------+-----------------+----------------+
 *       |  'O'   |  'P'   | format | family |   key dim (i4)  |  value dim (i4) |  tokens (i8)   |
 *       +--------+--------+--------+--------+-----------------+-----------------+----------------+
 *    20 | the family's own state ...
 * </pre>
 *
 * @param family id of the sketch's family, with the bit {@link #QUERY_SIDE} in a sketch of queries
 * @param keyDim length of keys
 * @param valueDim length of values
 * @param tokens tokens folded, less retracted ones; rows of a sketch of queries
 */
public record Preamble(int family, int keyDim, int valueDim, long tokens) {

  /** The largest dimension of keys and of values. */
  public static final int MAX_DIM = 8192;

  /** Bytes that a preamble takes. */
  public static final int BYTES = 20;

  /** The format written; every released one stays readable. */
  public static final int FORMAT = 1;

  /** Bit of the family that marks a sketch of queries; ids of families stay below it. */
  public static final int QUERY_SIDE = 0x80;

  /** Writes the preamble. */
  public void write(WireWriter out) {
    out.putByte('O');
    out.putByte('P');
    out.putByte(FORMAT);
    out.putByte(family);
    out.putInt(keyDim);
    out.putInt(valueDim);
    out.putLong(tokens);
  }

  /** Reads and checks a preamble. */
  public static Preamble read(WireReader in) {
    in.require(BYTES);
    if (in.getByte() != 'O' || in.getByte() != 'P') {
      throw new CorruptSketchException("the bytes do not begin with OP");
    }
    int format = in.getByte();
    if (format != FORMAT) {
      throw new CorruptSketchException("format " + format + " is not known, only " + FORMAT);
    }
    int family = in.getByte();
    int keyDim = in.getInt("key dim", 1, MAX_DIM);
    int valueDim = in.getInt("value dim", 1, MAX_DIM);
    long tokens = in.getLong();
    return new Preamble(family, keyDim, valueDim, tokens);
  }
}
