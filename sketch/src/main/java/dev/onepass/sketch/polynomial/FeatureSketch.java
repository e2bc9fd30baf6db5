// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.polynomial;

import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireWriter;

/**
 * A sketch that keeps sums of key features: what the polynomial family and the one-pass family have
 * in common. The families differ in how they keep the sums ({@link FeatureSums}) and in what stands
 * between the preamble and the key features.
 *
 * <p>Bytes behind the preamble: the family's own settings, {@link KeyFeatures}, {@link ValueRange},
 * {@link FeatureSums}.
 */
public abstract class FeatureSketch implements AttentionSketch {

  private final KeyFeatures keys;
  private final ValueRange range;
  private final FeatureSums sums;

  /**
   * Creates a sketch of its parts.
   *
   * @param keys centre, unit and counts of the keys
   * @param range range of the values folded so far
   * @param sums sums of features of the same basis
   */
  protected FeatureSketch(KeyFeatures keys, ValueRange range, FeatureSums sums) {
    this.keys = keys;
    this.range = range;
    this.sums = sums;
  }

  /** Returns the number of bytes of the family's own settings, at least 0. */
  protected abstract int settingsBytes();

  /** Writes the family's own settings, {@link #settingsBytes()} bytes. */
  protected abstract void writeSettings(WireWriter out);

  /** Returns what the sketch knows about its keys. */
  public final KeyFeatures keys() {
    return keys;
  }

  /** Returns the sums of features. */
  public final FeatureSums sums() {
    return sums;
  }

  @Override
  public final int keyDim() {
    return keys.keyDim();
  }

  @Override
  public final int valueDim() {
    return sums.valueDim();
  }

  @Override
  public final void update(TokenBlock block) {
    block.requireDims(keyDim(), valueDim());
    TokenBlock normalized = block.normalized();
    sums.scale(keys.raiseTo(normalized));
    range.include(block);
    sums.fold(keys, normalized);
  }

  @Override
  public final void addTo(SoftmaxSum softmax, QueryBlock queries) {
    new FeatureReadout(keys, sums.s())
        .addTo(softmax, queries, sums.numerator(queries.count()), range, sums.productError());
  }

  @Override
  public final void addWeighed(SoftmaxSum softmax, QueryBlock queries) {
    new FeatureReadout(keys, sums.s())
        .weighed()
        .addTo(softmax, queries, sums.numerator(queries.count()), range, sums.productError());
  }

  /**
   * Adds all tokens of a sketch of the same family, form and value dimension.
   *
   * @throws dev.onepass.sketch.api.IncompatibleSketchException if the features or the sums of the
   *     two must not be added; nothing is added then
   */
  protected final void mergeFeatures(FeatureSketch other) {
    keys.requireSameTerms(other.keys);
    sums.merge(other.sums, keys.powerOf(other.keys), keys.tokens() + other.keys.tokens());
    keys.merge(other.keys);
    range.include(other.range);
  }

  @Override
  public final long tokenCount() {
    return keys.tokens();
  }

  @Override
  public final ValueRange valueRange() {
    return range.copy();
  }

  /**
   * Returns the largest number of bytes that stand in front of the sums, whatever the weights are.
   *
   * @param settingsBytes bytes of the family's own settings
   */
  protected static long mostBytesBeforeSums(int keyDim, int valueDim, int settingsBytes) {
    return Preamble.MOST_BYTES
        + settingsBytes
        + KeyFeatures.mostBytes(keyDim)
        + ValueRange.bytes(valueDim);
  }

  @Override
  public final int stateBytes() {
    return Math.toIntExact(
        Preamble.bytes(keys.exponent().isWeighted())
            + settingsBytes()
            + keys.bytes()
            + ValueRange.bytes(valueDim())
            + sums.bytes());
  }

  @Override
  public final byte[] toByteArray() {
    WireWriter out = new WireWriter(stateBytes());
    keys.exponent().preamble(family().id(), keyDim(), valueDim(), tokenCount()).write(out);
    writeSettings(out);
    keys.write(out);
    range.write(out);
    sums.write(out);
    return out.toByteArray();
  }
}
