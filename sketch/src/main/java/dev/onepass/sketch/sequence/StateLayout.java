// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.sequence;

import dev.onepass.sketch.api.SketchConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Division of the bytes of one sequence. In exact mode, header and pending tokens use all bytes.
 * After that, the pending block uses at most a quarter, and the sketch uses the rest.
 *
 * @param stateSize bytes of all states together
 * @param tokenBytes bytes that one stored pending token takes at most
 * @param cutSize tokens per block; a stored block holds fewer
 * @param exactTokens tokens up to which a sequence is exact
 * @param sketchBytes bytes for the sketches of tokens and queries
 * @param queryBytes bytes that an exact sequence keeps free for the sketch of queries
 * @param reservedBytes bytes reserved for the header and what a store keeps with it
 */
public record StateLayout(
    int stateSize,
    int tokenBytes,
    int cutSize,
    int exactTokens,
    int sketchBytes,
    int queryBytes,
    int reservedBytes) {

  /**
   * Bytes of the state size that are reserved for the header. A header takes {@value Header#BYTES};
   * the rest is for what a store keeps with it, such as a stream processor's timers (19 bytes), and
   * for later versions of both.
   */
  public static final int RESERVED_BYTES = 126;

  /** What a pending token takes in addition to its key and value, and what the header takes. */
  enum Room {
    /** Sequences that began before tokens had biases. */
    OF_VERSION_3(6, 110),
    /** Room for a bias. */
    BIAS(10, RESERVED_BYTES),
    /** Room for a bias and a time. */
    BIAS_AND_TIME(18, RESERVED_BYTES);

    /** Sign, bias and time, and length and delimiter of an element of a list. */
    private final int tokenOverhead;

    private final int reserved;

    Room(int tokenOverhead, int reserved) {
      this.tokenOverhead = tokenOverhead;
      this.reserved = reserved;
    }

    private int tokenBytes(int keyDim, int valueDim) {
      return tokenOverhead + Float.BYTES * (keyDim + valueDim);
    }

    /**
     * Returns the bytes that a sketch leaves to the header. A stored block is one token short of
     * the cut size, and that token leaves the header the rest of its reserve.
     */
    private int reservedBesideSketch() {
      return reserved - tokenBytes(1, 1);
    }
  }

  /** Larger blocks do not fold faster. */
  private static final int LARGEST_CUT = 256;

  /**
   * Checks that the bytes can be divided.
   *
   * @return empty if they can; otherwise one sentence without a full stop that says what does not
   *     fit, and what would
   */
  public static Optional<String> complaint(
      int keyDim, int valueDim, int stateSize, int cutSize, Decay decay) {
    return complaint(keyDim, valueDim, stateSize, cutSize, room(decay));
  }

  static Optional<String> complaint(
      int keyDim, int valueDim, int stateSize, int cutSize, Room room) {
    int tokenBytes = room.tokenBytes(keyDim, valueDim);
    int quarter = stateSize / 4 / tokenBytes;
    if (quarter < 1) {
      return Optional.of(
          "a quarter of the state size must hold one token of %d bytes: the state size must be at least %d bytes, it is %d"
              .formatted(tokenBytes, 4 * tokenBytes, stateSize));
    }
    if (cutSize < 0) {
      return Optional.of("the cut size must not be negative, it is " + cutSize);
    }
    if (cutSize > quarter) {
      return Optional.of(
          "a block of %d tokens of %d bytes takes more than a quarter of the state size: the cut size must be at most %d"
              .formatted(cutSize, tokenBytes, quarter));
    }
    int blockBytes = cutSize(cutSize, quarter) * tokenBytes;
    if (stateSize - room.reserved < blockBytes) {
      return Optional.of(
          "the state size must be at least %d bytes, it is %d: the header takes %d bytes and the pending block %d"
              .formatted(room.reserved + blockBytes, stateSize, room.reserved, blockBytes));
    }
    return Optional.empty();
  }

  private static Room room(Decay decay) {
    return decay.isOn() ? Room.BIAS_AND_TIME : Room.BIAS;
  }

  private static int cutSize(int given, int quarter) {
    return given > 0 ? given : Math.min(LARGEST_CUT, quarter);
  }

  /**
   * Divides the bytes.
   *
   * @param cutSize tokens per block; 0 for as many as a quarter of the bytes holds, at most {@value
   *     #LARGEST_CUT}
   * @param decay the decay of the sequence
   * @throws IllegalArgumentException if there is a {@link #complaint}
   */
  public static StateLayout of(int keyDim, int valueDim, int stateSize, int cutSize, Decay decay) {
    return of(keyDim, valueDim, stateSize, cutSize, room(decay));
  }

  static StateLayout of(int keyDim, int valueDim, int stateSize, int cutSize, Room room) {
    complaint(keyDim, valueDim, stateSize, cutSize, room)
        .ifPresent(
            complaint -> {
              throw new IllegalArgumentException(complaint);
            });
    int tokenBytes = room.tokenBytes(keyDim, valueDim);
    int cut = cutSize(cutSize, stateSize / 4 / tokenBytes);
    int exactTokens = (stateSize - room.reserved) / tokenBytes;
    int sketchBytes = stateSize - room.reservedBesideSketch() - cut * tokenBytes;
    return new StateLayout(stateSize, tokenBytes, cut, exactTokens, sketchBytes, 0, room.reserved);
  }

  /** Returns parameters of a family together with the state size. */
  Map<String, String> with(Map<String, String> parameters) {
    Map<String, String> all = new HashMap<>(parameters);
    all.put(SketchConfig.STATE_SIZE, Integer.toString(stateSize));
    return all;
  }

  /** Returns the same layout with bytes kept free for queries while the sequence is exact. */
  StateLayout withQueryBytes(int bytes) {
    int exact = Math.max(cutSize, (stateSize - reservedBytes - bytes) / tokenBytes);
    return new StateLayout(
        stateSize, tokenBytes, cutSize, exact, sketchBytes, bytes, reservedBytes);
  }
}
