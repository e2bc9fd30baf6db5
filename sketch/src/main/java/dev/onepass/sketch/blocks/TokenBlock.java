package dev.onepass.sketch.blocks;

import java.util.Arrays;

/**
 * A growing block of tokens: keys (count x d), values (count x dv), both row-major, and one weight
 * a token, 1 for a token and -1 for the retraction of one.
 */
public final class TokenBlock {

  private final int keyDim;
  private final int valueDim;
  private float[] keys;
  private float[] values;
  private float[] weights;
  private int count;

  /**
   * An empty block for tokens of these dimensions with room for {@code capacity} of them; it grows.
   */
  public TokenBlock(int keyDim, int valueDim, int capacity) {
    this.keyDim = keyDim;
    this.valueDim = valueDim;
    this.keys = new float[Math.multiplyExact(capacity, keyDim)];
    this.values = new float[Math.multiplyExact(capacity, valueDim)];
    this.weights = new float[capacity];
  }

  /**
   * A block over whole matrices, every weight 1; the arrays are not copied.
   *
   * @param keys count x keyDim, row-major
   * @param values count x valueDim, row-major
   * @throws IllegalArgumentException if an array is too short
   */
  public static TokenBlock of(int keyDim, int valueDim, int count, float[] keys, float[] values) {
    TokenBlock block = new TokenBlock(keyDim, valueDim, 0);
    if (keys.length < (long) count * keyDim || values.length < (long) count * valueDim) {
      throw new IllegalArgumentException("fewer rows than " + count);
    }
    block.keys = keys;
    block.values = values;
    block.weights = new float[count];
    Arrays.fill(block.weights, 1f);
    block.count = count;
    return block;
  }

  /** Appends one token; the arrays are copied from the given offsets. */
  public void append(float[] key, int keyOffset, float[] value, int valueOffset, float weight) {
    grow(count + 1);
    System.arraycopy(key, keyOffset, keys, count * keyDim, keyDim);
    System.arraycopy(value, valueOffset, values, count * valueDim, valueDim);
    weights[count++] = weight;
  }

  /** Appends one token. */
  public void append(float[] key, float[] value, float weight) {
    append(key, 0, value, 0, weight);
  }

  /**
   * Appends every token of a block of the same dimensions.
   *
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
   * Removes the newest token with exactly this key and value that is not a retraction.
   *
   * @return whether there was one
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

  /** Whether token j is this one; 0 and -0 are the same number. */
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

  /** Removes all tokens; there is room for as many again. */
  public void clear() {
    count = 0;
  }

  /** A copy of the tokens {@code from} (inclusive) to {@code to} (exclusive). */
  public TokenBlock slice(int from, int to) {
    TokenBlock slice = new TokenBlock(keyDim, valueDim, 0);
    slice.keys = Arrays.copyOfRange(keys, from * keyDim, to * keyDim);
    slice.values = Arrays.copyOfRange(values, from * valueDim, to * valueDim);
    slice.weights = Arrays.copyOfRange(weights, from, to);
    slice.count = to - from;
    return slice;
  }

  /**
   * The tokens, or the retractions.
   *
   * @param tokens whether to leave out retractions; otherwise to leave out all else
   * @return this block where nothing is left out
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

  /** Tokens in the block, retractions included. */
  public int count() {
    return count;
  }

  /** Sum of the weights: tokens less retractions. */
  public long netCount() {
    long net = 0;
    for (int j = 0; j < count; j++) {
      net += (long) weights[j];
    }
    return net;
  }

  /** Mean of the keys, each with its weight: of the tokens that are not taken back. */
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

  /** Whether any weight is negative. */
  public boolean retracts() {
    for (int j = 0; j < count; j++) {
      if (weights[j] < 0) {
        return true;
      }
    }
    return false;
  }

  /** Length of a key. */
  public int keyDim() {
    return keyDim;
  }

  /** Length of a value. */
  public int valueDim() {
    return valueDim;
  }

  /** The keys, at least count x keyDim, row-major; not a copy. */
  public float[] keys() {
    return keys;
  }

  /** The values, at least count x valueDim, row-major; not a copy. */
  public float[] values() {
    return values;
  }

  /** The weights, at least count; not a copy. */
  public float[] weights() {
    return weights;
  }

  /**
   * @throws IllegalArgumentException if the dimensions are not these
   */
  public void requireDims(int wantedKeyDim, int wantedValueDim) {
    if (keyDim != wantedKeyDim || valueDim != wantedValueDim) {
      throw new IllegalArgumentException(
          "tokens of dimensions %d, %d where %d, %d are due"
              .formatted(keyDim, valueDim, wantedKeyDim, wantedValueDim));
    }
  }
}
