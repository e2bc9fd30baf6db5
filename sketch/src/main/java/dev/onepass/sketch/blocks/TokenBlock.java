// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.blocks;

import java.util.Arrays;

/**
 * A growing block of tokens: keys (count x d) and values (count x dv), both row-major, and one
 * weight per token. The weight is 1 for a token and -1 for the retraction of a token.
 */
public final class TokenBlock {

  private final int keyDim;
  private final int valueDim;
  private float[] keys;
  private float[] values;
  private float[] weights;
  private int count;

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
    this.weights = new float[capacity];
  }

  /**
   * Creates a block over whole matrices; every weight is 1. The arrays are not copied.
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
    block.weights = new float[count];
    Arrays.fill(block.weights, 1f);
    block.count = count;
    return block;
  }

  /**
   * Appends a copy of one token.
   *
   * @param key key, keyDim numbers
   * @param keyOffset where the key begins in its array
   * @param value value, valueDim numbers
   * @param valueOffset where the value begins in its array
   * @param weight 1 or -1
   */
  public void append(float[] key, int keyOffset, float[] value, int valueOffset, float weight) {
    grow(count + 1);
    System.arraycopy(key, keyOffset, keys, count * keyDim, keyDim);
    System.arraycopy(value, valueOffset, values, count * valueDim, valueDim);
    weights[count++] = weight;
  }

  /**
   * Appends a copy of one token.
   *
   * @param key key, keyDim numbers
   * @param value value, valueDim numbers
   * @param weight 1 or -1
   */
  public void append(float[] key, float[] value, float weight) {
    append(key, 0, value, 0, weight);
  }

  /**
   * Appends every token of a block.
   *
   * @param other tokens of the same dimensions
   * @throws IllegalArgumentException if the dimensions differ
   */
  public void append(TokenBlock other) {
    other.requireDims(keyDim, valueDim);
    grow(count + other.count);
    System.arraycopy(other.keys, 0, keys, count * keyDim, other.count * keyDim);
    System.arraycopy(other.values, 0, values, count * valueDim, other.count * valueDim);
    System.arraycopy(other.weights, 0, weights, count, other.count);
    count += other.count;
  }

  /**
   * Removes the newest token that has exactly this key and value and is not a retraction.
   *
   * @param key key, keyDim numbers
   * @param value value, valueDim numbers
   * @return whether there was such a token
   */
  public boolean removeNewest(float[] key, float[] value) {
    for (int j = count - 1; j >= 0; j--) {
      if (weights[j] > 0 && matches(j, key, value)) {
        int later = count - 1 - j;
        System.arraycopy(keys, (j + 1) * keyDim, keys, j * keyDim, later * keyDim);
        System.arraycopy(values, (j + 1) * valueDim, values, j * valueDim, later * valueDim);
        System.arraycopy(weights, j + 1, weights, j, later);
        count--;
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
    slice.weights = Arrays.copyOfRange(weights, from, to);
    slice.count = to - from;
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
    for (int j = 0; j < count; j++) {
      if (weights[j] > 0 == tokens) {
        some.append(keys, j * keyDim, values, j * valueDim, weights[j]);
      }
    }
    return some;
  }

  private void grow(int needed) {
    if (needed > weights.length) {
      int capacity = Math.max(needed, weights.length * 2);
      keys = Arrays.copyOf(keys, Math.multiplyExact(capacity, keyDim));
      values = Arrays.copyOf(values, Math.multiplyExact(capacity, valueDim));
      weights = Arrays.copyOf(weights, capacity);
    }
  }

  /** Returns the number of tokens, including retractions. */
  public int count() {
    return count;
  }

  /** Returns the sum of the weights: tokens minus retractions. */
  public long netCount() {
    long net = 0;
    for (int j = 0; j < count; j++) {
      net += (long) weights[j];
    }
    return net;
  }

  /** Returns the weighted mean of the keys: the mean of the tokens that are not taken back. */
  public float[] meanKey() {
    double[] sum = new double[keyDim];
    for (int j = 0; j < count; j++) {
      for (int i = 0; i < keyDim; i++) {
        sum[i] += (double) weights[j] * keys[j * keyDim + i];
      }
    }
    long net = Math.max(1, netCount());
    float[] mean = new float[keyDim];
    for (int i = 0; i < keyDim; i++) {
      mean[i] = (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, sum[i] / net));
    }
    return mean;
  }

  /** Returns whether any weight is negative. */
  public boolean retracts() {
    for (int j = 0; j < count; j++) {
      if (weights[j] < 0) {
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

  /** Returns the weights, at least count; not a copy. */
  public float[] weights() {
    return weights;
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
