// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.heavy;

import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.numerics.RandomRounding;
import dev.onepass.sketch.numerics.SplitMix64;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;

/**
 * The tokens of a set of heavy keys. Tokens of equal keys are one entry with the sum of their
 * weights and the weighted mean of their values, which softmax cannot tell apart from them.
 *
 * <p>Bytes of an entry: weight f8, tokens i4, key (d x f4), value (dv x f4).
 */
final class KeptTokens {

  /**
   * Weights that differ by less are those of the same token, stated relative to other exponents.
   */
  private static final double SAME = 0x1p-12;

  private final int keyDim;
  private final int valueDim;
  private int count;
  private float[] keys = {};
  private float[] values = {};
  private double[] weights = {};
  private int[] tokens = {};

  KeptTokens(int keyDim, int valueDim) {
    this.keyDim = keyDim;
    this.valueDim = valueDim;
  }

  /** Returns the bytes of an entry. */
  static int entryBytes(int keyDim, int valueDim) {
    return Double.BYTES + Integer.BYTES + Float.BYTES * (keyDim + valueDim);
  }

  int keyDim() {
    return keyDim;
  }

  int valueDim() {
    return valueDim;
  }

  /** Returns the number of entries. */
  int count() {
    return count;
  }

  float[] keys() {
    return keys;
  }

  double weight(int entry) {
    return weights[entry];
  }

  /** Returns the number of tokens of an entry. */
  int tokens(int entry) {
    return tokens[entry];
  }

  /** Returns the number of all tokens. */
  long tokens() {
    return Arrays.stream(tokens, 0, count).asLongStream().sum();
  }

  /** Returns the entry of the key of token j of a block; -1 if there is none. */
  int find(TokenBlock block, int j) {
    for (int e = 0; e < count; e++) {
      if (equal(keys, e * keyDim, block.keys(), j * keyDim, keyDim)) {
        return e;
      }
    }
    return -1;
  }

  /** Compares numbers; 0 and -0 are equal. */
  static boolean equal(float[] x, int xOffset, float[] y, int yOffset, int length) {
    for (int i = 0; i < length; i++) {
      if (x[xOffset + i] != y[yOffset + i]) {
        return false;
      }
    }
    return true;
  }

  /** Adds an entry for a token. */
  void add(TokenBlock block, int j) {
    add(block.keys(), j * keyDim, block.values(), j * valueDim, block.weight(j), 1);
  }

  private void add(
      float[] fromKeys, int key, float[] fromValues, int value, double weight, int tokenCount) {
    if (count == tokens.length) {
      int capacity = Math.max(4, 2 * count);
      keys = Arrays.copyOf(keys, Math.multiplyExact(capacity, keyDim));
      values = Arrays.copyOf(values, Math.multiplyExact(capacity, valueDim));
      weights = Arrays.copyOf(weights, capacity);
      tokens = Arrays.copyOf(tokens, capacity);
    }
    System.arraycopy(fromKeys, key, keys, count * keyDim, keyDim);
    System.arraycopy(fromValues, value, values, count * valueDim, valueDim);
    weights[count] = weight;
    tokens[count++] = tokenCount;
  }

  /**
   * Adds a token to the entry of its key.
   *
   * @param random 64 bits that no other call uses
   */
  void join(int entry, TokenBlock block, int j, long random) {
    mix(entry, block.values(), j * valueDim, block.weight(j), 1, random);
  }

  private void mix(
      int entry, float[] others, int offset, double weight, int moreTokens, long random) {
    double sum = weights[entry] + weight;
    double share = sum == 0 ? 0 : weight / sum;
    for (int c = 0, i = entry * valueDim; c < valueDim; c++, i++) {
      double mean = values[i] + share * ((double) others[offset + c] - values[i]);
      values[i] = RandomRounding.round(mean, SplitMix64.mix(random + c));
    }
    weights[entry] = sum;
    tokens[entry] = (int) Math.min(Integer.MAX_VALUE, (long) tokens[entry] + moreTokens);
  }

  /**
   * Returns whether a token is here. Tokens of equal keys are one entry, in which nobody can tell
   * them apart: the entry must weigh more than the token.
   *
   * @param block the block of the token's retraction
   * @param j number of the retraction in its block
   */
  boolean keeps(TokenBlock block, int j) {
    int entry = find(block, j);
    if (entry < 0) {
      return false;
    }
    double weight = -block.weight(j);
    if (tokens[entry] > 1) {
      return weights[entry] - weight > SAME * weights[entry];
    }
    return Math.abs(weights[entry] - weight) <= SAME * weight
        && equal(values, entry * valueDim, block.values(), j * valueDim, valueDim);
  }

  /**
   * Takes a token back, if it is here.
   *
   * @param block the block of the retraction
   * @param j number of the retraction in its block
   * @param random 64 bits that no other call uses
   * @return whether the token was here
   */
  boolean retract(TokenBlock block, int j, long random) {
    if (!keeps(block, j)) {
      return false;
    }
    int entry = find(block, j);
    if (tokens[entry] > 1) {
      mix(entry, block.values(), j * valueDim, block.weight(j), -1, random);
    } else {
      remove(entry);
    }
    return true;
  }

  private void remove(int entry) {
    int later = count - 1 - entry;
    System.arraycopy(keys, (entry + 1) * keyDim, keys, entry * keyDim, later * keyDim);
    System.arraycopy(values, (entry + 1) * valueDim, values, entry * valueDim, later * valueDim);
    System.arraycopy(weights, entry + 1, weights, entry, later);
    System.arraycopy(tokens, entry + 1, tokens, entry, later);
    count--;
  }

  /** Multiplies all weights. */
  void scale(double factor) {
    for (int e = 0; e < count; e++) {
      weights[e] *= factor;
    }
  }

  /** Adds the entries of another object, whose weights are multiplied by a factor. */
  void add(KeptTokens other, double factor, long random) {
    for (int e = 0; e < other.count; e++) {
      int here = find(other, e);
      double weight = factor * other.weights[e];
      if (here < 0) {
        add(other.keys, e * keyDim, other.values, e * valueDim, weight, other.tokens[e]);
      } else {
        mix(
            here,
            other.values,
            e * valueDim,
            weight,
            other.tokens[e],
            random + (long) e * valueDim);
      }
    }
  }

  private int find(KeptTokens other, int entry) {
    for (int e = 0; e < count; e++) {
      if (equal(keys, e * keyDim, other.keys, entry * keyDim, keyDim)) {
        return e;
      }
    }
    return -1;
  }

  /** Removes the marked entries. */
  void removeAll(boolean[] marked) {
    int kept = 0;
    for (int e = 0; e < count; e++) {
      if (!marked[e]) {
        System.arraycopy(keys, e * keyDim, keys, kept * keyDim, keyDim);
        System.arraycopy(values, e * valueDim, values, kept * valueDim, valueDim);
        weights[kept] = weights[e];
        tokens[kept++] = tokens[e];
      }
    }
    count = kept;
  }

  /**
   * Returns entries as tokens, with the logarithms of their weights as biases.
   *
   * @param marked which entries
   * @param mostEach number of tokens from which on an entry is fewer tokens of more weight
   * @param exponent exponent that the weights are relative to
   */
  TokenBlock block(boolean[] marked, int mostEach, long exponent) {
    TokenBlock block = new TokenBlock(keyDim, valueDim, 0);
    for (int e = 0; e < count; e++) {
      int each = Math.min(tokens[e], mostEach);
      // An entry whose weight has decayed to 0 counts for nothing anywhere.
      if (marked[e] && weights[e] > 0) {
        float bias = (float) Math.log(weights[e] / each);
        for (int i = 0; i < each; i++) {
          block.append(key(e), value(e), 1);
          block.biases()[block.count() - 1] = bias;
        }
      }
    }
    return block.weighted(exponent, j -> block.biases()[j]);
  }

  private float[] key(int entry) {
    return Arrays.copyOfRange(keys, entry * keyDim, (entry + 1) * keyDim);
  }

  private float[] value(int entry) {
    return Arrays.copyOfRange(values, entry * valueDim, (entry + 1) * valueDim);
  }

  /** Writes all entries. */
  void write(WireWriter out) {
    for (int e = 0; e < count; e++) {
      out.putDouble(weights[e]);
      out.putInt(tokens[e]);
      out.putFloats(key(e), keyDim);
      out.putFloats(value(e), valueDim);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param entries number of entries
   * @throws CorruptSketchException if the bytes are too few or a number is out of range
   */
  static KeptTokens read(WireReader in, int keyDim, int valueDim, int entries) {
    in.require((long) entries * entryBytes(keyDim, valueDim));
    KeptTokens kept = new KeptTokens(keyDim, valueDim);
    for (int e = 0; e < entries; e++) {
      double weight = in.getDouble();
      if (!(weight >= 0 && weight <= Double.MAX_VALUE)) {
        throw new CorruptSketchException("weight: expected at least 0, got " + weight);
      }
      int tokens = in.getInt("tokens of a key", 1, Integer.MAX_VALUE);
      kept.add(in.getFloats(keyDim), 0, in.getFloats(valueDim), 0, weight, tokens);
    }
    return kept;
  }
}
