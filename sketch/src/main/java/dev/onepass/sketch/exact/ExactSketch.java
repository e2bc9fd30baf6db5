// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.exact;

import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.api.SketchFullException;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.simd.Kernels;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;

/**
 * Whole tokens, up to a byte bound. Logits are computed in double precision, so answers lie within
 * 1e-5 rms|v| of {@link ExactAttention} even if logits reach 1e30.
 *
 * <p>Bytes behind the preamble, format 1:
 *
 * <pre>
 *   20        24         28
 *   +---------+----------+------------------+--------------------+-------------------+
 *   | max     | entries  | weights (n x i1) | keys (n x d x f4)  | values (n x dv f4)|
 *   | bytes i4| n (i4)   | 1 or -1          |                    |                   |
 *   +---------+----------+------------------+--------------------+-------------------+
 * </pre>
 */
public final class ExactSketch implements AttentionSketch {

  private static final int FIXED_BYTES = Preamble.BYTES + 8;

  private final int maxBytes;
  private final TokenBlock tokens;

  ExactSketch(int keyDim, int valueDim, int maxBytes) {
    this(maxBytes, new TokenBlock(keyDim, valueDim, 0));
  }

  private ExactSketch(int maxBytes, TokenBlock tokens) {
    this.maxBytes = maxBytes;
    this.tokens = tokens;
  }

  /** Returns the bytes of a sketch of {@code entries} tokens and retractions. */
  static int bytes(int keyDim, int valueDim, int entries) {
    return Math.addExact(FIXED_BYTES, Math.multiplyExact(entries, entryBytes(keyDim, valueDim)));
  }

  /** Returns the number of tokens and retractions that fit. */
  static int capacity(int keyDim, int valueDim, int maxBytes) {
    return Math.max(0, maxBytes - FIXED_BYTES) / entryBytes(keyDim, valueDim);
  }

  private static int entryBytes(int keyDim, int valueDim) {
    return 1 + Float.BYTES * (keyDim + valueDim);
  }

  /**
   * Adds the exact softmax sums of a block of tokens.
   *
   * @param sums one row per query
   * @param queries vectors of the block's key dimension
   * @param block tokens and retractions
   */
  public static void addTo(SoftmaxSum sums, QueryBlock queries, TokenBlock block) {
    int n = block.count();
    if (n == 0) {
      return;
    }
    boolean retracts = block.retracts();
    double[] weights = new double[n];
    double[] num = new double[block.valueDim()];
    for (int q = 0; q < queries.count(); q++) {
      Kernels.logits(
          queries.vectors(),
          q * queries.dim(),
          queries.scale(),
          block.keys(),
          n,
          block.keyDim(),
          weights);
      if (block.isBiased()) {
        for (int j = 0; j < n; j++) {
          weights[j] += block.biases()[j];
        }
      }
      double max = Kernels.max(weights, n);
      Kernels.expMinus(weights, n, max);
      double peak = 0;
      double retracted = 0;
      for (int j = 0; j < n; j++) {
        if (retracts && block.signs()[j] < 0) {
          retracted += weights[j];
          weights[j] = -weights[j];
        } else {
          peak += weights[j];
        }
      }
      Arrays.fill(num, 0);
      Kernels.addWeightedRows(weights, block.values(), n, block.valueDim(), num);
      sums.add(q, max + queries.logFactor(block.exponent()), peak - retracted, peak, num);
    }
  }

  @Override
  public SketchFamily family() {
    return ExactFamily.INSTANCE;
  }

  @Override
  public int keyDim() {
    return tokens.keyDim();
  }

  @Override
  public int valueDim() {
    return tokens.valueDim();
  }

  @Override
  public void update(TokenBlock block) {
    block.requireDims(keyDim(), valueDim());
    int capacity = capacity(keyDim(), valueDim(), maxBytes);
    if (block.count() > capacity - tokens.count()) {
      throw new SketchFullException(
          "Cannot add %d tokens to %d: %d bytes hold %d."
              .formatted(block.count(), tokens.count(), maxBytes, capacity));
    }
    tokens.append(block);
  }

  @Override
  public void addTo(SoftmaxSum sums, QueryBlock queries) {
    addTo(sums, queries, tokens);
  }

  @Override
  public void merge(AttentionSketch other) {
    if (!(other instanceof ExactSketch exact)) {
      throw new IncompatibleSketchException(
          "An exact sketch cannot merge a sketch of family %s.".formatted(other.family().name()));
    }
    update(exact.tokens);
  }

  @Override
  public long tokenCount() {
    return tokens.netCount();
  }

  @Override
  public ValueRange valueRange() {
    ValueRange range = new ValueRange(valueDim());
    range.include(tokens);
    return range;
  }

  @Override
  public int stateBytes() {
    return bytes(keyDim(), valueDim(), tokens.count());
  }

  @Override
  public byte[] toByteArray() {
    WireWriter out = new WireWriter(stateBytes());
    new Preamble(ExactFamily.INSTANCE.id(), keyDim(), valueDim(), tokenCount()).write(out);
    out.putInt(maxBytes);
    out.putInt(tokens.count());
    for (int j = 0; j < tokens.count(); j++) {
      out.putByte((int) tokens.signs()[j]);
    }
    out.putFloats(tokens.keys(), tokens.count() * keyDim());
    out.putFloats(tokens.values(), tokens.count() * valueDim());
    return out.toByteArray();
  }

  static ExactSketch read(Preamble preamble, WireReader in) {
    int maxBytes = in.getInt("byte bound", 0, Integer.MAX_VALUE);
    int capacity = capacity(preamble.keyDim(), preamble.valueDim(), maxBytes);
    int n = in.getInt("entries", 0, capacity);
    in.require((long) n * entryBytes(preamble.keyDim(), preamble.valueDim()));
    float[] weights = new float[n];
    for (int j = 0; j < n; j++) {
      weights[j] = (byte) in.getByte();
      if (weights[j] != 1 && weights[j] != -1) {
        throw new CorruptSketchException("weight: expected 1 or -1, got " + weights[j]);
      }
    }
    float[] keys = in.getFloats(n * preamble.keyDim());
    float[] values = in.getFloats(n * preamble.valueDim());
    TokenBlock tokens = TokenBlock.of(preamble.keyDim(), preamble.valueDim(), n, keys, values);
    System.arraycopy(weights, 0, tokens.signs(), 0, n);
    ExactSketch sketch = new ExactSketch(maxBytes, tokens);
    if (sketch.tokenCount() != preamble.tokens()) {
      throw new CorruptSketchException(
          "tokens: expected %d, got %d".formatted(preamble.tokens(), sketch.tokenCount()));
    }
    return sketch;
  }
}
