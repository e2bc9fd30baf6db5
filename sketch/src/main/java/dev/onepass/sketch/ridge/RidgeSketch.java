// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.ridge;

import dev.onepass.sketch.api.AttentionSketch;
import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.api.SketchFamily;
import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;

/**
 * Attention from the mean and the covariance of keys and values. Let keys be distributed as N(mu,
 * Sigma) and values as {@code E[v | k] = vbar + X'(k - mu)}. The weight exp(q.k) tilts the
 * distribution of the keys into N(mu + Sigma q, Sigma). Its total mass is n exp(q.mu + s^2 / 2),
 * where s^2 = q' Sigma q is the variance of the logits. So attention is the regression at the mean
 * key that the query implies:
 *
 * <pre>
 *   y(q) = vbar + X' Sigma q,   X = (Sigma + lambda I)^-1 C,   C = Cov(k, v)
 *   ln den(q) = ln n + q.mu + s^2 / 2
 * </pre>
 *
 * <p>Both are exact in the limit of many such tokens. For any tokens they are right to first and
 * second order in q. Without a ridge the inverse cancels, and y = vbar + C'q. The ridge, lambda =
 * (penalty / n) tr(Sigma) / d, reduces what directions with little variance contribute.
 *
 * <p>n tokens cannot follow a large query arbitrarily far: the largest of n logits of deviation s
 * lies about beta = sqrt(2 ln n) deviations above their mean. Beyond s = beta, the few largest have
 * all the mass, as in the random energy model (Derrida, Physical Review B 24, 1981). Then ln den is
 * q.mu + s beta, and its gradient, the mean key, is mu + (beta / s) Sigma q; y is read there. Both
 * agree with the formulas above at s = beta.
 *
 * <p>The state consists of sums only. So tokens are folded, taken back and merged by addition, also
 * between different centres. The centre c is the mean key when the sketch was begun; it never
 * changes, and it keeps the sums from cancelling.
 *
 * <p>Bytes behind the preamble, format 1:
 *
 * <pre>
 *   20            28               36                 44           44 + 4d
 *   +-------------+----------------+------------------+------------+----------------+
 *   | penalty f8  | peak of        | peak of          | centre     | range of values|
 *   |             | sum |x|^2 f8   | sum |v| f8       | (d x f4)   | (2 dv x f4)    |
 *   +-------------+----------------+------------------+------------+----------------+
 *   +--------------+----------+------------------------------+----------+---------------+
 *   | sum |v| f8   | sum x    | sum x x', lower half, by row | sum v    | sum x v'      |
 *   | x = k - c    | (d x f8) | (d (d + 1) / 2 x f8)         | (dv x f8)| (d x dv x f8) |
 *   +--------------+----------+------------------------------+----------+---------------+
 * </pre>
 */
public final class RidgeSketch implements AttentionSketch {

  /** The largest penalty, in tokens. */
  static final double MAX_PENALTY = 1e9;

  private static final int FIXED_BYTES = Preamble.BYTES + 24;

  /**
   * Sums of doubles that have fallen to 2^-41 of their peak are right to 2^-12, the limit of {@link
   * SoftmaxSum#isLost}.
   */
  private static final double LOSS_TO_PEAK = 0x1p-29;

  private final double penalty;
  private final float[] centre;
  private final ValueRange range;
  private final Moments moments;
  private long tokens;
  private double peakKeyEnergy;
  private double peakValueMass;
  private GaussianModel model;

  RidgeSketch(int valueDim, double penalty, float[] centre) {
    this(penalty, centre, new ValueRange(valueDim), new Moments(centre.length, valueDim));
  }

  private RidgeSketch(double penalty, float[] centre, ValueRange range, Moments moments) {
    this.penalty = penalty;
    this.centre = centre;
    this.range = range;
    this.moments = moments;
  }

  static long bytes(int keyDim, int valueDim) {
    return FIXED_BYTES
        + (long) Float.BYTES * keyDim
        + ValueRange.bytes(valueDim)
        + Moments.bytes(keyDim, valueDim);
  }

  @Override
  public SketchFamily family() {
    return RidgeFamily.INSTANCE;
  }

  @Override
  public int keyDim() {
    return centre.length;
  }

  @Override
  public int valueDim() {
    return moments.values.length;
  }

  @Override
  public void update(TokenBlock block) {
    block.requireDims(keyDim(), valueDim());
    range.include(block);
    moments.fold(block, centre);
    changed(block.netCount());
  }

  private void changed(long moreTokens) {
    tokens += moreTokens;
    peakKeyEnergy = Math.max(peakKeyEnergy, moments.squares.trace());
    peakValueMass = Math.max(peakValueMass, moments.valueMass);
    model = null;
  }

  @Override
  public void addTo(SoftmaxSum sums, QueryBlock queries) {
    if (tokens <= 0) {
      return;
    }
    if (model == null) {
      model = new GaussianModel(moments, tokens, penalty);
    }
    double peak = Math.max(1, LOSS_TO_PEAK * loss());
    double[] query = new double[keyDim()];
    double[] output = new double[valueDim()];
    for (int q = 0; q < queries.count(); q++) {
      double centreLogit = 0;
      for (int i = 0; i < query.length; i++) {
        query[i] = queries.scale() * queries.vectors()[q * query.length + i];
        centreLogit += query[i] * centre[i];
      }
      double logNormalizer = centreLogit + model.answer(query, output);
      for (int c = 0; c < output.length; c++) {
        output[c] = range.clamp(c, output[c]);
      }
      sums.add(q, logNormalizer, 1, peak, output);
    }
  }

  /**
   * Returns the factor by which the rounding of the largest sums there ever were has grown relative
   * to the present sums.
   */
  private double loss() {
    double keys = Math.sqrt(ratio(peakKeyEnergy, moments.squares.trace()));
    double values = ratio(peakValueMass, moments.valueMass);
    return Math.min(1e30, keys * Math.max(keys, values));
  }

  private static double ratio(double peak, double now) {
    return peak <= now ? 1 : now > 0 ? Math.min(1e30, peak / now) : 1e30;
  }

  @Override
  public void merge(AttentionSketch other) {
    if (!(other instanceof RidgeSketch ridge)) {
      throw new IncompatibleSketchException(
          "A ridge sketch cannot merge a sketch of family %s.".formatted(other.family().name()));
    }
    if (ridge.keyDim() != keyDim() || ridge.valueDim() != valueDim() || ridge.penalty != penalty) {
      throw new IncompatibleSketchException(
          "Ridge sketches can be merged only if dimensions and penalty are equal.");
    }
    double[] shift = new double[keyDim()];
    for (int i = 0; i < shift.length; i++) {
      shift[i] = (double) ridge.centre[i] - centre[i];
    }
    moments.add(ridge.moments, shift, ridge.tokens);
    range.include(ridge.range);
    peakKeyEnergy = Math.max(peakKeyEnergy, ridge.peakKeyEnergy);
    peakValueMass = Math.max(peakValueMass, ridge.peakValueMass);
    changed(ridge.tokens);
  }

  @Override
  public long tokenCount() {
    return tokens;
  }

  @Override
  public ValueRange valueRange() {
    return range.copy();
  }

  @Override
  public int stateBytes() {
    return (int) bytes(keyDim(), valueDim());
  }

  @Override
  public byte[] toByteArray() {
    WireWriter out = new WireWriter(stateBytes());
    new Preamble(RidgeFamily.INSTANCE.id(), keyDim(), valueDim(), tokens).write(out);
    out.putDouble(penalty);
    out.putDouble(peakKeyEnergy);
    out.putDouble(peakValueMass);
    out.putFloats(centre, centre.length);
    range.write(out);
    moments.write(out);
    return out.toByteArray();
  }

  static RidgeSketch read(Preamble preamble, WireReader in) {
    // The bytes must be there before anything of that size is allocated.
    in.require(bytes(preamble.keyDim(), preamble.valueDim()) - Preamble.BYTES);
    double penalty = in.getDouble();
    if (!(penalty >= 0 && penalty <= MAX_PENALTY)) {
      throw new CorruptSketchException(
          "penalty: expected 0 to %s, got %s".formatted(MAX_PENALTY, penalty));
    }
    double peakKeyEnergy = in.getDouble();
    double peakValueMass = in.getDouble();
    float[] centre = in.getFloats(preamble.keyDim());
    ValueRange range = ValueRange.read(in, preamble.valueDim(), preamble.tokens());
    Moments moments = Moments.read(in, preamble.keyDim(), preamble.valueDim());
    RidgeSketch sketch = new RidgeSketch(penalty, centre, range, moments);
    sketch.tokens = preamble.tokens();
    sketch.peakKeyEnergy = peakKeyEnergy;
    sketch.peakValueMass = peakValueMass;
    return sketch;
  }
}
