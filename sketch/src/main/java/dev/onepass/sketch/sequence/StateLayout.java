package dev.onepass.sketch.sequence;

/**
 * How the bytes of one sequence are divided. While it is exact, header and pending tokens have all
 * of them; afterwards the pending block has at most a quarter, and the sketch what header and block
 * leave.
 *
 * @param stateSize bytes of all states together
 * @param tokenBytes bytes of one pending token as it is stored
 * @param cutSize tokens folded at once; a stored block holds fewer
 * @param exactTokens tokens up to which a sequence is exact
 * @param sketchBytes bytes left for the sketch, what it remembers of queries included
 * @param queryBytes bytes that an exact sequence leaves free for what it remembers of queries
 */
public record StateLayout(
    int stateSize, int tokenBytes, int cutSize, int exactTokens, int sketchBytes, int queryBytes) {

  /**
   * Bytes of the state size that are reserved for the header. A header takes {@value Header#BYTES};
   * the rest is for what a store keeps with it, such as a stream processor's timers (19 bytes), and
   * for later versions of both.
   */
  public static final int RESERVED_BYTES = 110;

  /**
   * Bytes that a sketch leaves to the header. A stored block is one token short of the cut size,
   * and that token, which takes at least 14 bytes, leaves the header the rest of its reserve.
   */
  private static final int RESERVED_BESIDE_SKETCH = 96;

  /** Beyond this a larger block folds no faster. */
  private static final int LARGEST_CUT = 256;

  /**
   * Bytes around each stored token: its weight, and what a list state puts around an element
   * (length and delimiter).
   */
  private static final int TOKEN_OVERHEAD = 6;

  /**
   * Divides the bytes.
   *
   * @param cutSize tokens folded at once; 0 takes what a quarter of the bytes holds, at most
   *     {@value #LARGEST_CUT}
   * @throws IllegalArgumentException with a sentence that says what to set
   */
  public static StateLayout of(int keyDim, int valueDim, int stateSize, int cutSize) {
    int tokenBytes = TOKEN_OVERHEAD + Float.BYTES * (keyDim + valueDim);
    int quarter = stateSize / 4 / tokenBytes;
    if (quarter < 1) {
      throw new IllegalArgumentException(
          "a quarter of the state size must hold one token of %d bytes: set sketch.state-size to at least %d bytes, it is %d"
              .formatted(tokenBytes, 4 * tokenBytes, stateSize));
    }
    if (cutSize > quarter) {
      throw new IllegalArgumentException(
          "%d tokens of %d bytes are more than a quarter of the state size: set sketch.cut-size to at most %d, or a larger sketch.state-size"
              .formatted(cutSize, tokenBytes, quarter));
    }
    if (cutSize < 0) {
      throw new IllegalArgumentException(
          "sketch.cut-size must not be negative; 0 lets the state size decide: " + cutSize);
    }
    int cut = cutSize > 0 ? cutSize : Math.min(LARGEST_CUT, quarter);
    if (stateSize - RESERVED_BYTES < cut * tokenBytes) {
      throw new IllegalArgumentException(
          "the header takes %d bytes and a block of %d tokens %d: set sketch.state-size to more than their sum, it is %d"
              .formatted(RESERVED_BYTES, cut, cut * tokenBytes, stateSize));
    }
    int exactTokens = (stateSize - RESERVED_BYTES) / tokenBytes;
    int sketchBytes = stateSize - RESERVED_BESIDE_SKETCH - cut * tokenBytes;
    return new StateLayout(stateSize, tokenBytes, cut, exactTokens, sketchBytes, 0);
  }

  /** The same layout with so many bytes left free for queries while the sequence is exact. */
  StateLayout withQueryBytes(int bytes) {
    int exact = Math.max(cutSize, (stateSize - RESERVED_BYTES - bytes) / tokenBytes);
    return new StateLayout(stateSize, tokenBytes, cutSize, exact, sketchBytes, bytes);
  }
}
