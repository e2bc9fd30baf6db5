// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.polynomial;

import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * Attention from moments. exp(q.k) is replaced by the Taylor polynomial P(q.(k - c)) = {@code
 * <phi(u q), phi((k - c) / u)>}, and the state is {@code S = sum_j phi((k_j - c) / u) (v_j, 1)}.
 * {@link KeyFeatures} describes the centre c and the unit u, {@link FeatureReadout} the answers and
 * their accuracy.
 *
 * <p>Bytes behind the preamble, format 1 (t features; all numbers f4 unless named):
 *
 * <pre>
 *   20          24         32              40            48               56
 *   +-----------+----------+---------------+-------------+----------------+----------+------+------------+
 *   | degree i4 | bound f8 | peak tokens i8| moment f8   | peak moment f8 | radius   | unit | clipped i4 |
 *   +-----------+----------+---------------+-------------+----------------+----------+------+------------+
 *   68
 *   +------------+-----------------------+---------+-----------------------+
 *   | centre (d) | range (2 dv)          | den (t) | num (t x dv)          |
 *   +------------+-----------------------+---------+-----------------------+
 * </pre>
 *
 * <p>In format 2, {@link KeyFeatures} has 8 bytes more, and all sums are relative to the exponent.
 */
public final class PolynomialSketch extends FeatureSketch {

  PolynomialSketch(KeyFeatures keys, int valueDim) {
    this(keys, new ValueRange(valueDim), new LinearState(keys.basis().size(), valueDim));
  }

  private PolynomialSketch(KeyFeatures keys, ValueRange range, LinearState sums) {
    super(keys, range, sums);
  }

  /**
   * Returns the largest number of bytes of a sketch; {@link Long#MAX_VALUE} if they exceed an int.
   */
  static long bytes(int keyDim, int valueDim, int degree) {
    long features = MonomialBasis.size(keyDim, degree);
    if (features > Integer.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    long bytes = mostBytesBeforeSums(keyDim, valueDim, 0) + LinearState.bytes(features, valueDim);
    return bytes > Integer.MAX_VALUE ? Long.MAX_VALUE : bytes;
  }

  @Override
  public SketchFamily family() {
    return PolynomialFamily.INSTANCE;
  }

  @Override
  public void merge(AttentionSketch other) {
    if (!(other instanceof PolynomialSketch polynomial)) {
      throw new IncompatibleSketchException(
          "A polynomial sketch cannot merge a sketch of family %s."
              .formatted(other.family().name()));
    }
    if (polynomial.valueDim() != valueDim()) {
      throw new IncompatibleSketchException(
          "Value dimension: expected %d, got %d.".formatted(valueDim(), polynomial.valueDim()));
    }
    mergeFeatures(polynomial);
  }

  @Override
  protected int settingsBytes() {
    return 0;
  }

  @Override
  protected void writeSettings(WireWriter out) {
    // The degree is part of the key features.
  }

  static PolynomialSketch read(Preamble preamble, WireReader in) {
    int d = preamble.keyDim();
    int dv = preamble.valueDim();
    KeyFeatures keys =
        KeyFeatures.read(
            preamble,
            in,
            degree -> bytes(d, dv, degree) - mostBytesBeforeSums(d, dv, 0) + ValueRange.bytes(dv));
    ValueRange range = ValueRange.read(in, dv, preamble.tokens());
    return new PolynomialSketch(keys, range, LinearState.read(in, keys.basis().size(), dv));
  }
}
