// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.blocks;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * A growing block of tokens: keys (count x d) and values (count x dv), both row-major, and for each
 * token a sign, a bias and a time. The sign is 1 for a token and -1 for the retraction of a token.
 *
 * <p>The weight of a token is {@code sign e^bias 2^exponent}. All tokens of a block have the same
 * exponent, which is 0 unless {@link #withExponent} or {@link #normalized} made the block. Times
 * matter only to the sequence that weighs its pending tokens by them; sketches ignore them.
 */
public final class TokenBlock {

  private static final double LN2 = Math.log(2);

  private final int keyDim;
  private final int valueDim;
  private float[] keys;
  private float[] values;
  private float[] signs;
  private float[] biases;
  private long[] times;
  private int count;
  private boolean biased;
  private long exponent;

  /**
   * Creates an empty block.
   *
   * @param keyDim length d of keys
   * @param valueDim length dv of values
   * @param capacity tokens that fit before the block grows, at least 0
   */
  public TokenBlock(int keyDim, int valueDim, int capacity) {
    this.keyDim = keyDim;
    this.valueDim = valueDim;
    this.keys = new float[Math.multiplyExact(capacity, keyDim)];
    this.values = new float[Math.multiplyExact(capacity, valueDim)];
    this.signs = new float[capacity];
    this.biases = new float[capacity];
    this.times = new long[capacity];
  }

  /**
   * Creates a block over whole matrices; every weight is 1, every time 0. The arrays are not
   * copied.
   *
   * @param keyDim length d of keys
   * @param valueDim length dv of values
   * @param count number of tokens
   * @param keys count x keyDim, row-major
   * @param values count x valueDim, row-major
   * @throws IllegalArgumentException if an array is too short
   */
  public static TokenBlock of(int keyDim, int valueDim, int count, float[] keys, float[] values) {
    TokenBlock block = new TokenBlock(keyDim, valueDim, 0);
    if (keys.length < (long) count * keyDim || values.length < (long) count * valueDim) {
      throw new IllegalArgumentException(
          "Expected %d keys and values of length %d and %d, got %d and %d numbers."
              .formatted(count, keyDim, valueDim, keys.length, values.length));
    }
    block.keys = keys;
    block.values = values;
    block.signs = new float[count];
    Arrays.fill(block.signs, 1f);
    block.biases = new float[count];
    block.times = new long[count];
    block.count = count;
    return block;
  }

  /**
   * Appends a copy of one token.
   *
   * @param token a token of this block's dimensions; its bias is relative to the exponent
   */
  public void append(Token token) {
    append(token.key(), 0, token.value(), 0, token.sign(), token.bias(), token.time());
  }

  /**
   * Appends a copy of one token of bias 0 and time 0.
   *
   * @param key key, keyDim numbers
   * @param value value, valueDim numbers
   * @param sign 1 or -1
   */
  public void append(float[] key, float[] value, float sign) {
    append(key, 0, value, 0, sign, 0, 0);
  }

  /**
   * Appends a copy of one token of another block of the same dimensions and exponent.
   *
   * @param other the other block
   * @param j number of the token in the other block, from 0
   */
  public void append(TokenBlock other, int j) {
    append(
        other.keys,
        j * keyDim,
        other.values,
        j * valueDim,
        other.signs[j],
        other.biases[j],
        other.times[j]);
  }

  private void append(
      float[] key,
      int keyOffset,
      float[] value,
      int valueOffset,
      float sign,
      float bias,
      long time) {
    grow(count + 1);
    System.arraycopy(key, keyOffset, keys, count * keyDim, keyDim);
    System.arraycopy(value, valueOffset, values, count * valueDim, valueDim);
    signs[count] = sign;
    biases[count] = bias;
    times[count++] = time;
    biased |= bias != 0;
  }

  /**
   * Appends every token of a block.
   *
   * @param other tokens of the same dimensions and exponent
   * @throws IllegalArgumentException if the dimensions or the exponents differ
   */
  public void append(TokenBlock other) {
    other.requireDims(keyDim, valueDim);
    if (other.exponent != exponent) {
      throw new IllegalArgumentException(
          "Expected tokens of exponent %d, got %d.".formatted(exponent, other.exponent));
    }
    grow(count + other.count);
    System.arraycopy(other.keys, 0, keys, count * keyDim, other.count * keyDim);
    System.arraycopy(other.values, 0, values, count * valueDim, other.count * valueDim);
    System.arraycopy(other.signs, 0, signs, count, other.count);
    System.arraycopy(other.biases, 0, biases, count, other.count);
    System.arraycopy(other.times, 0, times, count, other.count);
    count += other.count;
    biased |= other.biased;
  }

  /**
   * Removes the newest token that has exactly this key, value and bias and is not a retraction.
   *
   * @param key key, keyDim numbers
   * @param value value, valueDim numbers
   * @param bias the token's bias
   * @return whether there was such a token
   */
  public boolean removeNewest(float[] key, float[] value, float bias) {
    for (int j = count - 1; j >= 0; j--) {
      if (signs[j] > 0 && biases[j] == bias && matches(j, key, value)) {
        int later = count - 1 - j;
        System.arraycopy(keys, (j + 1) * keyDim, keys, j * keyDim, later * keyDim);
        System.arraycopy(values, (j + 1) * valueDim, values, j * valueDim, later * valueDim);
        System.arraycopy(signs, j + 1, signs, j, later);
        System.arraycopy(biases, j + 1, biases, j, later);
        System.arraycopy(times, j + 1, times, j, later);
        count--;
        biased = hasBias();
        return true;
      }
    }
    return false;
  }

  private boolean hasBias() {
    for (int j = 0; j < count; j++) {
      if (biases[j] != 0) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether token j has this key and value; 0 and -0 are equal. */
  private boolean matches(int j, float[] key, float[] value) {
    for (int i = 0; i < keyDim; i++) {
      if (keys[j * keyDim + i] != key[i]) {
        return false;
      }
    }
    for (int c = 0; c < valueDim; c++) {
      if (values[j * valueDim + c] != value[c]) {
        return false;
      }
    }
    return true;
  }

  /** Removes all tokens; the capacity stays. */
  public void clear() {
    count = 0;
    biased = false;
  }

  /**
   * Returns a copy of the tokens {@code from} (inclusive) to {@code to} (exclusive).
   *
   * @param from first token, from 0
   * @param to one past the last token
   */
  public TokenBlock slice(int from, int to) {
    TokenBlock slice = new TokenBlock(keyDim, valueDim, 0);
    slice.keys = Arrays.copyOfRange(keys, from * keyDim, to * keyDim);
    slice.values = Arrays.copyOfRange(values, from * valueDim, to * valueDim);
    slice.signs = Arrays.copyOfRange(signs, from, to);
    slice.biases = Arrays.copyOfRange(biases, from, to);
    slice.times = Arrays.copyOfRange(times, from, to);
    slice.count = to - from;
    slice.biased = slice.hasBias();
    slice.exponent = exponent;
    return slice;
  }

  /**
   * Returns the tokens without the retractions, or the retractions without the tokens.
   *
   * @param tokens true for the tokens, false for the retractions
   * @return this block if nothing is left out
   */
  public TokenBlock only(boolean tokens) {
    if (tokens && !retracts()) {
      return this;
    }
    TokenBlock some = new TokenBlock(keyDim, valueDim, 0);
    some.exponent = exponent;
    for (int j = 0; j < count; j++) {
      if (signs[j] > 0 == tokens) {
        some.append(this, j);
      }
    }
    return some;
  }

  /**
   * Returns the same tokens with weights stated relative to another exponent.
   *
   * @param to the exponent of the block that is returned
   * @return this block if it has that exponent
   */
  public TokenBlock withExponent(long to) {
    return to == exponent ? this : weighted(to, j -> biases[j] + (exponent - to) * LN2);
  }

  /**
   * Returns the same tokens with an exponent that brings the largest weight into (1/2, 1], so that
   * no weight overflows.
   *
   * @return this block if no token has a bias
   */
  public TokenBlock normalized() {
    if (!biased) {
      return this;
    }
    double largest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < count; j++) {
      largest = Math.max(largest, biases[j]);
    }
    return count == 0 ? this : withExponent(exponent + (long) Math.ceil(largest / LN2));
  }

  /**
   * Returns the same tokens with other biases and another exponent. Keys, values and signs are
   * shared with this block, so tokens may be appended to one of the two only.
   *
   * @param newExponent the exponent
   * @param bias returns the bias of each token by its number
   */
  public TokenBlock weighted(long newExponent, IntToDoubleFunction bias) {
    TokenBlock weighted = new TokenBlock(keyDim, valueDim, 0);
    weighted.keys = keys;
    weighted.values = values;
    weighted.signs = signs;
    weighted.times = times;
    weighted.count = count;
    weighted.exponent = newExponent;
    weighted.biases = new float[signs.length];
    for (int j = 0; j < count; j++) {
      weighted.biases[j] = (float) bias.applyAsDouble(j);
      weighted.biased |= weighted.biases[j] != 0;
    }
    return weighted;
  }

  /**
   * Returns a copy of the tokens with other keys.
   *
   * @param newKeyDim length of the new keys
   * @param newKeys count x newKeyDim, row-major; not copied
   * @throws IllegalArgumentException if the array is too short
   */
  public TokenBlock withKeys(int newKeyDim, float[] newKeys) {
    if (newKeys.length < (long) count * newKeyDim) {
      throw new IllegalArgumentException(
          "Expected %d keys of length %d, got %d values."
              .formatted(count, newKeyDim, newKeys.length));
    }
    TokenBlock other = new TokenBlock(newKeyDim, valueDim, 0);
    other.keys = newKeys;
    other.values = Arrays.copyOf(values, count * valueDim);
    other.signs = Arrays.copyOf(signs, count);
    other.biases = Arrays.copyOf(biases, count);
    other.times = Arrays.copyOf(times, count);
    other.count = count;
    other.biased = biased;
    other.exponent = exponent;
    return other;
  }

  private void grow(int needed) {
    if (needed > signs.length) {
      int capacity = Math.max(needed, signs.length * 2);
      keys = Arrays.copyOf(keys, Math.multiplyExact(capacity, keyDim));
      values = Arrays.copyOf(values, Math.multiplyExact(capacity, valueDim));
      signs = Arrays.copyOf(signs, capacity);
      biases = Arrays.copyOf(biases, capacity);
      times = Arrays.copyOf(times, capacity);
    }
  }

  /** Returns the number of tokens, including retractions. */
  public int count() {
    return count;
  }

  /** Returns the sum of the signs: tokens minus retractions. */
  public long netCount() {
    long net = 0;
    for (int j = 0; j < count; j++) {
      net += (long) signs[j];
    }
    return net;
  }

  /** Returns the sum of the weights, relative to the exponent. */
  public double mass() {
    if (!biased) {
      return netCount();
    }
    double mass = 0;
    for (int j = 0; j < count; j++) {
      mass += weight(j);
    }
    return mass;
  }

  /**
   * Returns the weighted mean of the keys of the tokens that are not taken back; zeros if their
   * weights are.
   */
  public float[] meanKey() {
    double[] sum = new double[keyDim];
    for (int j = 0; j < count; j++) {
      double weight = weight(j);
      for (int i = 0; i < keyDim; i++) {
        sum[i] += weight * keys[j * keyDim + i];
      }
    }
    double mass = mass();
    double net = mass > 0 ? mass : 1;
    float[] mean = new float[keyDim];
    for (int i = 0; i < keyDim; i++) {
      mean[i] = (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, sum[i] / net));
    }
    return mean;
  }

  /** Returns whether any token is a retraction. */
  public boolean retracts() {
    for (int j = 0; j < count; j++) {
      if (signs[j] < 0) {
        return true;
      }
    }
    return false;
  }

  /** Returns the length of a key. */
  public int keyDim() {
    return keyDim;
  }

  /** Returns the length of a value. */
  public int valueDim() {
    return valueDim;
  }

  /** Returns the keys, at least count x keyDim, row-major; not a copy. */
  public float[] keys() {
    return keys;
  }

  /** Returns the values, at least count x valueDim, row-major; not a copy. */
  public float[] values() {
    return values;
  }

  /** Returns the signs, at least count, each 1 or -1; not a copy. */
  public float[] signs() {
    return signs;
  }

  /** Returns the biases, at least count, relative to the exponent; not a copy. */
  public float[] biases() {
    return biases;
  }

  /** Returns the times, at least count; not a copy. */
  public long[] times() {
    return times;
  }

  /** Returns whether any token has a bias other than 0. */
  public boolean isBiased() {
    return biased;
  }

  /** Returns the exponent: all weights are multiplied by 2 to its power. */
  public long exponent() {
    return exponent;
  }

  /**
   * Returns the weight of a token relative to the exponent: its sign times e^bias.
   *
   * @param j number of the token, from 0
   */
  public double weight(int j) {
    return biases[j] == 0 ? signs[j] : signs[j] * Math.exp(biases[j]);
  }

  /**
   * Checks the dimensions.
   *
   * @param wantedKeyDim expected length of keys
   * @param wantedValueDim expected length of values
   * @throws IllegalArgumentException if the dimensions are not the wanted ones
   */
  public void requireDims(int wantedKeyDim, int wantedValueDim) {
    if (keyDim != wantedKeyDim || valueDim != wantedValueDim) {
      throw new IllegalArgumentException(
          "Expected tokens of dimensions %d, %d, got %d, %d."
              .formatted(wantedKeyDim, wantedValueDim, keyDim, valueDim));
    }
  }
}
