// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.onepass;

import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.polynomial.FeatureSketch;
import dev.onepass.sketch.polynomial.FeatureSums;
import dev.onepass.sketch.polynomial.KeyFeatures;
import dev.onepass.sketch.polynomial.LinearState;
import dev.onepass.sketch.polynomial.MonomialBasis;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * The token side of the one-pass algorithm: s = U2' 1 and either U2' V, or sk(K) = Psi U2 and sk(V)
 * = Psi V, or co-occurring directions of U2' V. It answers queries with {@code phi(q)' M / <phi(q),
 * s>}, where M = U2' V or sk(K)' sk(V). With U2' V, answers are those of polynomial features:
 * within about twice the tolerance times max|v| if all logits lie within the bound. Psi adds noise
 * of about {@code |U2 w| |V_i| / (sqrt(m2) <w, s>)} to every coordinate.
 *
 * <p>In paper form a token that is taken back remains in the noise, see {@code PsiSums}. In the
 * other forms only rounding is left of it.
 *
 * <p>Bytes behind the preamble, format 1 (t features; all numbers f4 unless named):
 *
 * <pre>
 *   20        24              72 + 4 d
 *   +---------+---------------+--------------+---------------------------------------------------+
 *   | form i4 | KeyFeatures   | range (2 dv) | moments, outputs: s (t) | U2'V (t x dv)            |
 *   |         |               |              | paper: seed i8 | m2 i4 | next row i8 | row ranges  |
 *   |         |               |              |   s (t) | sk(K) (m2 x t) | sk(V) (m2 x dv)         |
 *   |         |               |              | directions: s (t) | CoDirections                  |
 *   +---------+---------------+--------------+---------------------------------------------------+
 * </pre>
 *
 * <p>Form: 0 paper, 1 moments, 2 outputs, 3 directions. In format 2, {@link KeyFeatures} has 8
 * bytes more, and all sums but sk(V) are relative to the exponent.
 */
public final class OnepassSketch extends FeatureSketch {

  private static final int SETTINGS_BYTES = Integer.BYTES;

  private final Form form;

  private OnepassSketch(Form form, KeyFeatures keys, ValueRange range, FeatureSums sums) {
    super(keys, range, sums);
    this.form = form;
  }

  /** Begins an empty sketch around the mean of the known tokens. */
  static OnepassSketch begin(Sizes sizes, long seed, long firstRow, TokenBlock known) {
    KeyFeatures keys =
        sizes.form() == Form.DIRECTIONS
            ? KeyFeatures.beginSparse(sizes.degree(), known)
            : KeyFeatures.begin(sizes.degree(), known);
    int dv = known.valueDim();
    FeatureSums sums =
        switch (sizes.form()) {
          case PAPER -> new PsiSums(seed, sizes.m2(), sizes.features(), dv, firstRow);
          case MOMENTS, OUTPUTS -> new LinearState(sizes.features(), dv);
          case DIRECTIONS ->
              DirectionSums.begin(keys.basis(), dv, sizes.columns(), sizes.bufferBytes());
        };
    return new OnepassSketch(sizes.form(), keys, new ValueRange(dv), sums);
  }

  /**
   * Returns the largest number of bytes of a sketch; {@link Long#MAX_VALUE} if it exceeds an int.
   *
   * @param size buckets of Psi, or columns of co-occurring directions; ignored in other forms
   * @param bufferBytes bytes of the buffer of co-occurring directions; ignored in other forms
   */
  static long bytes(Form form, int keyDim, int valueDim, int degree, int size, long bufferBytes) {
    long features = MonomialBasis.size(keyDim, degree);
    if (features > Integer.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    long sums =
        switch (form) {
          case PAPER -> PsiSums.mostBytes(features, valueDim, size);
          case MOMENTS, OUTPUTS -> LinearState.bytes(features, valueDim);
          case DIRECTIONS -> DirectionSums.mostBytes(features, valueDim, size, bufferBytes);
        };
    long before = mostBytesBeforeSums(keyDim, valueDim, SETTINGS_BYTES);
    return sums > Integer.MAX_VALUE - before ? Long.MAX_VALUE : before + sums;
  }

  @Override
  public SketchFamily family() {
    return OnepassFamily.INSTANCE;
  }

  /** Returns which matrices the sketch keeps. */
  Form form() {
    return form;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IncompatibleSketchException also if parts in paper form share rows of Psi
   */
  @Override
  public void merge(AttentionSketch other) {
    if (!(other instanceof OnepassSketch onepass)) {
      throw new IncompatibleSketchException(
          "A one-pass sketch cannot merge a sketch of family %s.".formatted(other.family().name()));
    }
    if (onepass.form != form || onepass.valueDim() != valueDim()) {
      throw new IncompatibleSketchException(
          "Expected a one-pass sketch in %s form with value dimension %d, got %s form with %d."
              .formatted(form.label(), valueDim(), onepass.form.label(), onepass.valueDim()));
    }
    mergeFeatures(onepass);
  }

  @Override
  protected int settingsBytes() {
    return SETTINGS_BYTES;
  }

  @Override
  protected void writeSettings(WireWriter out) {
    out.putInt(form.code());
  }

  static Form readForm(WireReader in) {
    return Form.of(in.getInt("form", 0, Form.DIRECTIONS.code()));
  }

  static OnepassSketch read(Preamble preamble, WireReader in) {
    int d = preamble.keyDim();
    int dv = preamble.valueDim();
    Form form = readForm(in);
    // Requires one bucket of Psi, or no direction: how many follow is read, and required, later.
    KeyFeatures keys =
        KeyFeatures.read(
            preamble,
            in,
            degree ->
                bytes(form, d, dv, degree, form == Form.PAPER ? 1 : 0, 0)
                    - mostBytesBeforeSums(d, dv, SETTINGS_BYTES)
                    + ValueRange.bytes(dv)
                    - (form == Form.PAPER ? RowRanges.MAX_BYTES - 4 : 0));
    ValueRange range = ValueRange.read(in, dv, preamble.tokens());
    int t = keys.basis().size();
    FeatureSums sums =
        switch (form) {
          case PAPER -> PsiSums.read(in, t, dv);
          case MOMENTS, OUTPUTS -> LinearState.read(in, t, dv);
          case DIRECTIONS -> DirectionSums.read(in, keys.basis(), dv);
        };
    return new OnepassSketch(form, keys, range, sums);
  }
}
