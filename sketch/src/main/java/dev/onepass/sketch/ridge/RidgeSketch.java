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
import dev.onepass.sketch.blocks.WeightExponent;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;

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
 * <p>Weights multiply the terms of all sums. In ln den, n is then the mass, which is the sum of the
 * weights. In beta and lambda it is the effective number of tokens, {@code (sum w)^2 / sum w^2}: a
 * few heavy tokens reach no farther, and need as much of a ridge, however much they weigh.
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
 *
 * <p>In format 2, three numbers follow the penalty: the mass f8, the sum of the squared weights f8
 * and the peak of the mass f8. In format 1 all three are the number of tokens.
 */
public final class RidgeSketch implements AttentionSketch {

  /** The largest penalty, in tokens. */
  static final double MAX_PENALTY = 1e9;

  private static final int FIXED_BYTES = 24;

  /** Bytes of mass, squared weights and peak mass. */
  private static final int WEIGHT_BYTES = 24;

  /** Bound on the peak mass that is reported. */
  private static final double LARGEST_PEAK = 1e30;

  /** A sum of doubles that is a smaller share of its peak is rounding. */
  private static final double ROUNDING = 0x1p-52;

  /**
   * Sums of doubles that have fallen to 2^-41 of their peak are right to 2^-12, the limit of {@link
   * SoftmaxSum#isLost}.
   */
  private static final double LOSS_TO_PEAK = 0x1p-29;

  private final double penalty;
  private final float[] centre;
  private final ValueRange range;
  private final Moments moments;
  private WeightExponent exponent = WeightExponent.NONE;
  private long tokens;
  private double peakMass;
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

  static long bytes(int keyDim, int valueDim, boolean weighted) {
    return Preamble.bytes(weighted)
        + FIXED_BYTES
        + (weighted ? WEIGHT_BYTES : 0)
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
    TokenBlock normalized = block.normalized();
    raise(exponent.with(normalized, isEmpty()));
    range.include(block);
    moments.fold(normalized, centre, Math.scalb(1.0, exponent.powerFrom(normalized.exponent())));
    changed(block.netCount());
  }

  /** Returns whether there are no sums and no rounding of earlier ones. */
  private boolean isEmpty() {
    return moments.mass == 0 && peakMass == 0 && peakKeyEnergy == 0 && peakValueMass == 0;
  }

  /** States all sums relative to a later exponent. */
  private void raise(WeightExponent later) {
    int power = isEmpty() ? 0 : later.powerFrom(exponent.value());
    exponent = later;
    moments.scale(power);
    peakMass = Math.scalb(peakMass, power);
    peakKeyEnergy = Math.scalb(peakKeyEnergy, power);
    peakValueMass = Math.scalb(peakValueMass, power);
  }

  private void changed(long moreTokens) {
    tokens += moreTokens;
    // A mass of weights of 1 is a whole number without rounding.
    peakMass = exponent.isWeighted() ? Math.max(peakMass, moments.mass) : moments.mass;
    peakKeyEnergy = Math.max(peakKeyEnergy, moments.squares.trace());
    peakValueMass = Math.max(peakValueMass, moments.valueMass);
    model = null;
  }

  @Override
  public void addTo(SoftmaxSum sums, QueryBlock queries) {
    addTo(sums, queries, false);
  }

  @Override
  public void addWeighed(SoftmaxSum sums, QueryBlock queries) {
    addTo(sums, queries, true);
  }

  private void addTo(SoftmaxSum sums, QueryBlock queries, boolean weighed) {
    if (tokens <= 0) {
      return;
    }
    double leastMass = Math.max(ROUNDING * peakMass, Double.MIN_NORMAL);
    boolean lost = moments.mass <= leastMass;
    if (model == null && !lost) {
      model = new GaussianModel(moments, tokens, penalty);
    }
    double peak = lost ? LARGEST_PEAK : Math.max(1, LOSS_TO_PEAK * loss());
    double logFactor = queries.logFactor(exponent.value());
    double[] query = new double[keyDim()];
    double[] output = new double[valueDim()];
    for (int q = 0; q < queries.count(); q++) {
      double centreLogit = 0;
      for (int i = 0; i < query.length; i++) {
        query[i] = queries.scale() * queries.vectors()[q * query.length + i];
        centreLogit += query[i] * centre[i];
      }
      double logMass = lost ? Double.NaN : model.answer(query, output, weighed);
      if (!Double.isFinite(logMass)) {
        Arrays.fill(output, Double.NaN);
        logMass = Math.log(leastMass);
      }
      for (int c = 0; c < output.length; c++) {
        output[c] = range.clamp(c, output[c]);
      }
      sums.add(q, centreLogit + logMass + logFactor, 1, peak, output);
    }
  }

  /**
   * Returns the factor by which the rounding of the largest sums there ever were has grown relative
   * to the present sums.
   */
  private double loss() {
    double keys = Math.sqrt(ratio(peakKeyEnergy, moments.squares.trace()));
    double values = ratio(peakValueMass, moments.valueMass);
    double mass = ratio(peakMass, moments.mass);
    return Math.min(LARGEST_PEAK, Math.max(mass, keys * Math.max(keys, values)));
  }

  private static double ratio(double peak, double now) {
    return peak <= now ? 1 : now > 0 ? Math.min(LARGEST_PEAK, peak / now) : LARGEST_PEAK;
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
    int power = 0;
    if (!ridge.isEmpty()) {
      raise(exponent.with(ridge.exponent, isEmpty(), false));
      power = exponent.powerFrom(ridge.exponent.value());
    }
    moments.add(ridge.moments, shift, Math.scalb(1.0, power));
    range.include(ridge.range);
    peakMass = Math.max(peakMass, Math.scalb(ridge.peakMass, power));
    peakKeyEnergy = Math.max(peakKeyEnergy, Math.scalb(ridge.peakKeyEnergy, power));
    peakValueMass = Math.max(peakValueMass, Math.scalb(ridge.peakValueMass, power));
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
    return (int) bytes(keyDim(), valueDim(), exponent.isWeighted());
  }

  @Override
  public byte[] toByteArray() {
    WireWriter out = new WireWriter(stateBytes());
    exponent.preamble(RidgeFamily.INSTANCE.id(), keyDim(), valueDim(), tokens).write(out);
    out.putDouble(penalty);
    if (exponent.isWeighted()) {
      out.putDouble(moments.mass);
      out.putDouble(moments.squaredWeights);
      out.putDouble(peakMass);
    }
    out.putDouble(peakKeyEnergy);
    out.putDouble(peakValueMass);
    out.putFloats(centre, centre.length);
    range.write(out);
    moments.write(out);
    return out.toByteArray();
  }

  static RidgeSketch read(Preamble preamble, WireReader in) {
    // The bytes must be there before anything of that size is allocated.
    boolean weighted = preamble.weighted();
    in.require(bytes(preamble.keyDim(), preamble.valueDim(), weighted) - Preamble.bytes(weighted));
    double penalty = in.getDouble();
    if (!(penalty >= 0 && penalty <= MAX_PENALTY)) {
      throw new CorruptSketchException(
          "penalty: expected 0 to %s, got %s".formatted(MAX_PENALTY, penalty));
    }
    double mass = weighted ? in.getDouble() : preamble.tokens();
    double squaredWeights = weighted ? in.getDouble() : preamble.tokens();
    double peakMass = weighted ? in.getDouble() : preamble.tokens();
    double peakKeyEnergy = in.getDouble();
    double peakValueMass = in.getDouble();
    float[] centre = in.getFloats(preamble.keyDim());
    ValueRange range = ValueRange.read(in, preamble.valueDim(), preamble.tokens());
    Moments moments = Moments.read(in, preamble.keyDim(), preamble.valueDim());
    moments.mass = mass;
    moments.squaredWeights = squaredWeights;
    RidgeSketch sketch = new RidgeSketch(penalty, centre, range, moments);
    sketch.exponent = WeightExponent.of(preamble);
    sketch.tokens = preamble.tokens();
    sketch.peakMass = peakMass;
    sketch.peakKeyEnergy = peakKeyEnergy;
    sketch.peakValueMass = peakValueMass;
    return sketch;
  }
}
