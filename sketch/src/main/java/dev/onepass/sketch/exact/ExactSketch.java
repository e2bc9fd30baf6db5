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
import dev.onepass.sketch.blocks.WeightExponent;
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
 * <p>The biases of all tokens are relative to one exponent, the largest of any block. They are
 * floats: the weight of a token that decayed to e^-b is right to b 2^-24 of itself, or better.
 *
 * <p>Bytes behind the preamble, format 1:
 *
 * <pre>
 *   20        24         28
 *   +---------+----------+------------------+--------------------+-------------------+
 *   | max     | entries  | signs (n x i1)   | keys (n x d x f4)  | values (n x dv f4)|
 *   | bytes i4| n (i4)   | 1 or -1          |                    |                   |
 *   +---------+----------+------------------+--------------------+-------------------+
 * </pre>
 *
 * <p>Format 2, which is written if any token has another weight than 1, is the same with the biases
 * (n x f4) between signs and keys. The byte bound leaves room for them from the beginning.
 */
public final class ExactSketch implements AttentionSketch {

  private static final int FIXED_BYTES = 8;

  private final int maxBytes;
  private WeightExponent exponent;
  private TokenBlock tokens;

  ExactSketch(int keyDim, int valueDim, int maxBytes) {
    this(maxBytes, WeightExponent.NONE, new TokenBlock(keyDim, valueDim, 0));
  }

  private ExactSketch(int maxBytes, WeightExponent exponent, TokenBlock tokens) {
    this.maxBytes = maxBytes;
    this.exponent = exponent;
    this.tokens = tokens;
  }

  /** Returns the bytes of a sketch of {@code entries} tokens and retractions. */
  static int bytes(int keyDim, int valueDim, int entries, boolean weighted) {
    return Math.addExact(
        Preamble.bytes(weighted) + FIXED_BYTES,
        Math.multiplyExact(entries, entryBytes(keyDim, valueDim, weighted)));
  }

  /** Returns the number of tokens and retractions that fit, whatever they weigh. */
  static int capacity(int keyDim, int valueDim, int maxBytes) {
    return capacity(keyDim, valueDim, maxBytes, true);
  }

  private static int capacity(int keyDim, int valueDim, int maxBytes, boolean weighted) {
    return Math.max(0, maxBytes - Preamble.bytes(weighted) - FIXED_BYTES)
        / entryBytes(keyDim, valueDim, weighted);
  }

  private static int entryBytes(int keyDim, int valueDim, boolean weighted) {
    return 1 + Float.BYTES * (keyDim + valueDim + (weighted ? 1 : 0));
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
    if (block.count() == 0) {
      return;
    }
    int capacity = capacity(keyDim(), valueDim(), maxBytes);
    if (block.count() > capacity - tokens.count()) {
      throw new SketchFullException(
          "Cannot add %d tokens to %d: %d bytes hold %d."
              .formatted(block.count(), tokens.count(), maxBytes, capacity));
    }
    exponent = exponent.with(block, tokens.count() == 0);
    tokens = tokens.withExponent(exponent.value());
    tokens.append(block.withExponent(exponent.value()));
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
    return bytes(keyDim(), valueDim(), tokens.count(), exponent.isWeighted());
  }

  @Override
  public byte[] toByteArray() {
    WireWriter out = new WireWriter(stateBytes());
    exponent.preamble(ExactFamily.INSTANCE.id(), keyDim(), valueDim(), tokenCount()).write(out);
    out.putInt(maxBytes);
    out.putInt(tokens.count());
    for (int j = 0; j < tokens.count(); j++) {
      out.putByte((int) tokens.signs()[j]);
    }
    if (exponent.isWeighted()) {
      out.putFloats(tokens.biases(), tokens.count());
    }
    out.putFloats(tokens.keys(), tokens.count() * keyDim());
    out.putFloats(tokens.values(), tokens.count() * valueDim());
    return out.toByteArray();
  }

  static ExactSketch read(Preamble preamble, WireReader in) {
    int maxBytes = in.getInt("byte bound", 0, Integer.MAX_VALUE);
    boolean weighted = preamble.weighted();
    int capacity = capacity(preamble.keyDim(), preamble.valueDim(), maxBytes, weighted);
    int n = in.getInt("entries", 0, capacity);
    in.require((long) n * entryBytes(preamble.keyDim(), preamble.valueDim(), weighted));
    float[] signs = new float[n];
    for (int j = 0; j < n; j++) {
      signs[j] = (byte) in.getByte();
      if (signs[j] != 1 && signs[j] != -1) {
        throw new CorruptSketchException("sign: expected 1 or -1, got " + signs[j]);
      }
    }
    float[] biases = weighted ? in.getFloats(n) : new float[n];
    float[] keys = in.getFloats(n * preamble.keyDim());
    float[] values = in.getFloats(n * preamble.valueDim());
    TokenBlock tokens = TokenBlock.of(preamble.keyDim(), preamble.valueDim(), n, keys, values);
    System.arraycopy(signs, 0, tokens.signs(), 0, n);
    ExactSketch sketch =
        new ExactSketch(
            maxBytes,
            WeightExponent.of(preamble),
            tokens.weighted(preamble.exponent(), j -> biases[j]));
    if (sketch.tokenCount() != preamble.tokens()) {
      throw new CorruptSketchException(
          "tokens: expected %d, got %d".formatted(preamble.tokens(), sketch.tokenCount()));
    }
    return sketch;
  }
}
