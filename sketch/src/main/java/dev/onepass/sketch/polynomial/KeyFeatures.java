// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.polynomial;

import dev.onepass.sketch.api.IncompatibleSketchException;
import dev.onepass.sketch.blocks.TokenBlock;
import dev.onepass.sketch.blocks.WeightExponent;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;
import java.util.function.IntToLongFunction;

/**
 * What a sequence knows about its keys, and the features it makes of them: phi((k - c) / u). The
 * centre c is the mean key when the sketch was begun. The unit u is a power of two, about the root
 * mean square of |k - c| at that time. Both never change afterwards. Softmax ignores a shift of all
 * keys, but the polynomial does not. The unit changes no result, but it keeps high powers of long
 * or short keys within the range of a float.
 *
 * <p>It also keeps what limits the accuracy of the features: the bound on |q.(k - c)| that they are
 * made for, the largest |k - c| / u, the number of clipped keys, and two weighted sums, now and at
 * their peaks: the mass, which is the sum of the weights, and the moment, which is the sum of |k -
 * c|^degree. Both bound the denominators that there ever were. They are relative to an exponent
 * ({@link WeightExponent}), and so are all features that it makes.
 *
 * <p>Bytes of format 1, where all weights are 1 and the mass is the number of tokens (all numbers
 * little-endian, f4 unless named):
 *
 * <pre>
 *   0           4          12             20            28               36       40     44           48
 *   +-----------+----------+--------------+-------------+----------------+--------+------+------------+------------+
 *   | degree i4 | bound f8 | peak mass i8 | moment f8   | peak moment f8 | radius | unit | clipped i4 | centre (d) |
 *   +-----------+----------+--------------+-------------+----------------+--------+------+------------+------------+
 * </pre>
 *
 * <p>Bytes of format 2:
 *
 * <pre>
 *   0           4          12        20             28            36               44       48     52           56
 *   +-----------+----------+---------+--------------+-------------+----------------+--------+------+------------+------------+
 *   | degree i4 | bound f8 | mass f8 | peak mass f8 | moment f8   | peak moment f8 | radius | unit | clipped i4 | centre (d) |
 *   +-----------+----------+---------+--------------+-------------+----------------+--------+------+------------+------------+
 * </pre>
 */
public final class KeyFeatures {

  /**
   * Tokens folded together, so that the sums of a block of capped features remain finite floats.
   */
  private static final int MAX_BLOCK = 256;

  /** Features made together (16 MiB), unless a single token has more. */
  private static final int MAX_BLOCK_FEATURES = 1 << 22;

  /** Bound on the features of keys. */
  private static final double MAX_FEATURE = 1e16;

  /** Bound on values in the sums: {@code MAX_BLOCK * MAX_FEATURE * MAX_VALUE} is a finite float. */
  private static final float MAX_VALUE = 1e20f;

  private static final int FIXED_BYTES = 48;

  /** Whole numbers up to this are doubles. */
  private static final long MAX_TOKENS = 1L << 53;

  private final MonomialBasis basis;
  private final double bound;
  private final float[] centre;
  private final float unit;
  private final double maxNorm;
  private WeightExponent exponent = WeightExponent.NONE;
  private long tokens;
  private double mass;
  private double peakMass;
  private double moment;
  private double peakMoment;
  private float radius;
  private int clipped;

  /**
   * Creates features of which no token is counted.
   *
   * @param basis the features phi
   * @param bound largest |logit| relative to the centre that the degree is made for
   * @param centre c, d numbers
   * @param unit u, a power of two
   */
  public KeyFeatures(MonomialBasis basis, double bound, float[] centre, float unit) {
    this.basis = basis;
    this.bound = bound;
    this.centre = centre;
    this.unit = unit;
    this.maxNorm = maxNorm(basis.degree());
  }

  /**
   * Creates features around the mean of the known tokens; none of these tokens is counted.
   *
   * @param degree degree and bound of the features
   * @param known the tokens that the sequence holds
   */
  public static KeyFeatures begin(FeatureDegree degree, TokenBlock known) {
    float[] centre = known.meanKey();
    MonomialBasis basis = MonomialBasis.of(known.keyDim(), degree.degree());
    return new KeyFeatures(basis, degree.bound(), centre, unit(known, centre));
  }

  /**
   * Creates features for keys with few coordinates other than 0; none of the known tokens is
   * counted. The centre is their mean, but 0 in the coordinates that are 0 in at least half of
   * them. So a key has about as many coordinates other than 0 after the centre is subtracted.
   *
   * @param degree degree and bound of the features
   * @param known the tokens that the sequence holds
   */
  public static KeyFeatures beginSparse(FeatureDegree degree, TokenBlock known) {
    float[] centre = known.meanKey();
    int d = centre.length;
    for (int i = 0; i < d; i++) {
      int zeros = 0;
      for (int j = 0; j < known.count(); j++) {
        zeros += known.keys()[j * d + i] == 0 ? 1 : 0;
      }
      if (2 * zeros >= known.count()) {
        centre[i] = 0;
      }
    }
    MonomialBasis basis = MonomialBasis.of(known.keyDim(), degree.degree());
    return new KeyFeatures(basis, degree.bound(), centre, unit(known, centre));
  }

  /**
   * Returns the power of two below the root mean square of |k - c|; 1 if no key is known. All
   * tokens count alike: keys must be within the range of their features, whatever they weigh.
   */
  private static float unit(TokenBlock known, float[] centre) {
    int d = known.keyDim();
    double squares = 0;
    for (int j = 0; j < known.count(); j++) {
      for (int i = 0; i < d; i++) {
        double x = (double) known.keys()[j * d + i] - centre[i];
        squares += known.signs()[j] * x * x;
      }
    }
    if (!(squares > 0)) {
      return 1;
    }
    int exponent = Math.getExponent(Math.sqrt(squares / Math.max(1, known.netCount())));
    return Math.scalb(1f, Math.max(Float.MIN_EXPONENT, Math.min(Float.MAX_EXPONENT, exponent)));
  }

  /**
   * Returns the norm up to which no feature exceeds MAX_FEATURE. A feature with |a| = g is at most
   * |x|^g / sqrt(g!).
   */
  private static double maxNorm(int degree) {
    double power = MAX_FEATURE;
    for (int g = 2; g <= degree; g++) {
      power *= Math.sqrt(g);
    }
    return StrictMath.pow(power, 1.0 / degree);
  }

  /**
   * Returns x^degree by multiplications, so that the bytes of a state do not depend on the machine.
   */
  private static double evenPower(double x, int degree) {
    double power = 1;
    for (int g = 0; g < degree; g += 2) {
      power *= x * x;
    }
    return power;
  }

  /**
   * Returns the number of bytes that {@link #write} writes in format 1: 48 + 4 d.
   *
   * @param keyDim length d of keys
   */
  public static long bytes(int keyDim) {
    return FIXED_BYTES + (long) Float.BYTES * keyDim;
  }

  /**
   * Returns the largest number of bytes that {@link #write} writes: 56 + 4 d.
   *
   * @param keyDim length d of keys
   */
  public static long mostBytes(int keyDim) {
    return bytes(keyDim) + Double.BYTES;
  }

  /** Returns the number of bytes that {@link #write} writes. */
  public long bytes() {
    return exponent.isWeighted() ? mostBytes(keyDim()) : bytes(keyDim());
  }

  /** Returns the features phi. */
  public MonomialBasis basis() {
    return basis;
  }

  /** Returns the length d of keys. */
  public int keyDim() {
    return centre.length;
  }

  /** Returns the largest |q.(k - c)| up to which every weight is within the tolerance. */
  public double bound() {
    return bound;
  }

  /** Returns the centre c; not a copy. */
  float[] centre() {
    return centre;
  }

  /** Returns the unit u. */
  float unit() {
    return unit;
  }

  /** Returns the largest |k - c| / u that was not clipped. */
  float radius() {
    return radius;
  }

  /** Returns the number of tokens counted minus tokens retracted. */
  public long tokens() {
    return tokens;
  }

  /** Returns the exponent that the features of all tokens are relative to. */
  public WeightExponent exponent() {
    return exponent;
  }

  /** Returns the sum of the weights; the number of tokens if all weights are 1. */
  double mass() {
    return mass;
  }

  /** Returns the largest {@link #mass} there ever was. */
  double peakMass() {
    return peakMass;
  }

  /** Returns sum_j w_j (|k_j - c| / u)^degree. */
  double moment() {
    return moment;
  }

  /** Returns the largest {@link #moment} there ever was. */
  double peakMoment() {
    return peakMoment;
  }

  /**
   * Returns the number of keys that were moved towards the centre because their features would have
   * overflowed. The promise of {@link #bound()} does not hold for them.
   */
  public int clipped() {
    return clipped;
  }

  /** Receives the features of a block of tokens in parts. */
  @FunctionalInterface
  public interface Fold {
    /**
     * Receives the features of some tokens.
     *
     * @param features count x t, phi((k_j - c) / u) times the token's weight relative to the
     *     exponent
     * @param values count x dv, limited so that sums of products remain finite
     * @param count at most 256
     */
    void accept(float[] features, float[] values, int count);
  }

  /**
   * Raises the exponent to that of a block, if that is larger.
   *
   * @param block {@link TokenBlock#normalized() normalized} tokens that will be folded
   * @return the power of two, at most 0, by which sums of features so far must be multiplied
   */
  public int raiseTo(TokenBlock block) {
    return raiseTo(exponent.with(block, isEmpty()));
  }

  private int raiseTo(WeightExponent later) {
    int power = isEmpty() ? 0 : later.powerFrom(exponent.value());
    exponent = later;
    scale(power);
    return power;
  }

  private boolean isEmpty() {
    return mass == 0 && peakMass == 0;
  }

  private void scale(int power) {
    mass = Math.scalb(mass, power);
    peakMass = Math.scalb(peakMass, power);
    moment = Math.scalb(moment, power);
    peakMoment = Math.scalb(peakMoment, power);
  }

  /**
   * Counts tokens and makes their features, as many together as memory allows.
   *
   * @param block tokens of this key dimension, whose exponent is at most that of {@link #raiseTo}
   * @param fold is called after each part was counted
   */
  public void fold(TokenBlock block, Fold fold) {
    int step = Math.max(1, Math.min(MAX_BLOCK, MAX_BLOCK_FEATURES / basis.size()));
    for (int from = 0; from < block.count(); from += step) {
      fold(block, from, Math.min(block.count(), from + step), fold);
    }
    peakMass = Math.max(peakMass, mass);
    peakMoment = Math.max(peakMoment, moment);
  }

  private void fold(TokenBlock block, int from, int to, Fold fold) {
    int count = to - from;
    int valueDim = block.valueDim();
    float[] features = new float[count * basis.size()];
    float[] values = new float[count * valueDim];
    float[] centred = new float[keyDim()];
    double factor = Math.scalb(1.0, exponent.powerFrom(block.exponent()));
    for (int j = 0; j < count; j++) {
      double weight = factor * block.weight(from + j);
      count(block, from + j, weight, centred);
      basis.evaluate(centred, (float) weight, features, j * basis.size());
      limit(block, from + j, values, j * valueDim);
    }
    fold.accept(features, values, count);
  }

  /** Receives the tokens of a block one by one. */
  @FunctionalInterface
  public interface RowFold {
    /**
     * Receives a token. The arrays are used again for the next one.
     *
     * @param key (k - c) / u, d numbers, shortened if its features would overflow
     * @param weight the token's weight relative to the exponent
     * @param value v, dv numbers, limited so that sums of products remain finite
     */
    void accept(float[] key, float weight, float[] value);
  }

  /**
   * Counts tokens one by one, for sums that make the features themselves.
   *
   * @param block tokens of this key dimension, whose exponent is at most that of {@link #raiseTo}
   * @param fold is called after each token was counted
   */
  public void foldRows(TokenBlock block, RowFold fold) {
    float[] centred = new float[keyDim()];
    float[] value = new float[block.valueDim()];
    double factor = Math.scalb(1.0, exponent.powerFrom(block.exponent()));
    for (int j = 0; j < block.count(); j++) {
      double weight = factor * block.weight(j);
      count(block, j, weight, centred);
      limit(block, j, value, 0);
      fold.accept(centred, (float) weight, value);
    }
    peakMass = Math.max(peakMass, mass);
    peakMoment = Math.max(peakMoment, moment);
  }

  /** Counts a token, and writes (k - c) / u. */
  private void count(TokenBlock block, int j, double weight, float[] centred) {
    long sign = (long) block.signs()[j];
    double norm = centre(block.keys(), j * keyDim(), sign, centred);
    tokens += sign;
    mass += weight;
    moment += weight * evenPower(norm, basis.degree());
  }

  private static void limit(TokenBlock block, int j, float[] values, int at) {
    int valueDim = block.valueDim();
    for (int c = 0; c < valueDim; c++) {
      float value = block.values()[j * valueDim + c];
      values[at + c] = Math.max(-MAX_VALUE, Math.min(MAX_VALUE, value));
    }
  }

  /**
   * Writes (k - c) / u, shortened to the largest norm whose features are safe, and returns the norm
   * of what it wrote.
   */
  private double centre(float[] keys, int offset, long sign, float[] centred) {
    double squares = 0;
    for (int i = 0; i < centred.length; i++) {
      double x = ((double) keys[offset + i] - centre[i]) / unit;
      squares += x * x;
    }
    double norm = Math.sqrt(squares);
    double shrink = 1;
    if (norm > maxNorm) {
      shrink = maxNorm / norm;
      clipped = (int) Math.max(0, Math.min(Integer.MAX_VALUE, clipped + sign));
    } else if (norm > radius) {
      radius = Math.nextUp((float) norm);
    }
    for (int i = 0; i < centred.length; i++) {
      centred[i] = (float) (shrink * (((double) keys[offset + i] - centre[i]) / unit));
    }
    return shrink * norm;
  }

  /**
   * Checks that features of the two may be added.
   *
   * @param other what is added; it does not change
   * @throws IncompatibleSketchException if degree, centre, unit or bound differ
   */
  public void requireSameTerms(KeyFeatures other) {
    if (!other.basis.equals(basis)) {
      throw new IncompatibleSketchException(
          "Features of different dimensions or degrees cannot be added.");
    }
    if (!Arrays.equals(other.centre, centre) || other.unit != unit || other.bound != bound) {
      throw new IncompatibleSketchException(
          "Features around different centres cannot be added; add the softmax sums instead.");
    }
  }

  /**
   * Returns the exponent of another one minus that of this one, by which their sums of features
   * must be merged; 0 if one of the two has no sums. Limited to 3000 in size.
   */
  public int powerOf(KeyFeatures other) {
    return isEmpty() || other.isEmpty() ? 0 : exponent.powerFrom(other.exponent.value());
  }

  /**
   * Adds all counts of another one, relative to the larger of the two exponents.
   *
   * @param other what is added; it does not change
   */
  public void merge(KeyFeatures other) {
    raiseTo(exponent.with(other.exponent, isEmpty(), other.isEmpty()));
    int power = Math.min(0, powerOf(other));
    tokens += other.tokens;
    mass += Math.scalb(other.mass, power);
    moment += Math.scalb(other.moment, power);
    peakMass = Math.max(mass, Math.max(peakMass, Math.scalb(other.peakMass, power)));
    peakMoment = Math.max(moment, Math.max(peakMoment, Math.scalb(other.peakMoment, power)));
    radius = Math.max(radius, other.radius);
    clipped = (int) Math.min(Integer.MAX_VALUE, (long) clipped + other.clipped);
  }

  /**
   * Writes everything except the token count and the exponent, which stand in the preamble.
   *
   * @param out receives the bytes
   */
  public void write(WireWriter out) {
    out.putInt(basis.degree());
    out.putDouble(bound);
    if (exponent.isWeighted()) {
      out.putDouble(mass);
      out.putDouble(peakMass);
    } else {
      out.putLong((long) peakMass);
    }
    out.putDouble(moment);
    out.putDouble(peakMoment);
    out.putFloat(radius);
    out.putFloat(unit);
    out.putInt(clipped);
    out.putFloats(centre, centre.length);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param preamble the preamble, which is already consumed
   * @param in the bytes
   * @param bytesAfter returns how many bytes must follow for a degree; is called before anything of
   *     the size of the features is allocated
   * @throws dev.onepass.sketch.wire.CorruptSketchException if the bytes are not key features, or
   *     too few bytes follow
   */
  public static KeyFeatures read(Preamble preamble, WireReader in, IntToLongFunction bytesAfter) {
    int degree = in.getInt("degree", 2, TaylorPolynomial.MAX_DEGREE);
    if (degree % 2 != 0) {
      throw new CorruptSketchException("degree: expected an even number, got " + degree);
    }
    double bound = in.getDouble();
    double mass = preamble.weighted() ? in.getDouble() : preamble.tokens();
    double peakMass = preamble.weighted() ? in.getDouble() : peakTokens(in);
    double moment = in.getDouble();
    double peakMoment = in.getDouble();
    float radius = in.getFloat();
    float unit = in.getFloat();
    if (!(bound > 0) || !(radius >= 0) || !(unit >= Float.MIN_NORMAL)) {
      throw new CorruptSketchException(
          "bound %s, radius %s or unit %s is out of range".formatted(bound, radius, unit));
    }
    int clipped = in.getInt("clipped keys", 0, Integer.MAX_VALUE);
    float[] centre = in.getFloats(preamble.keyDim());
    in.require(bytesAfter.applyAsLong(degree));
    KeyFeatures features =
        new KeyFeatures(MonomialBasis.of(preamble.keyDim(), degree), bound, centre, unit);
    features.exponent = WeightExponent.of(preamble);
    features.tokens = preamble.tokens();
    features.mass = mass;
    features.peakMass = peakMass;
    features.moment = moment;
    features.peakMoment = peakMoment;
    features.radius = radius;
    features.clipped = clipped;
    return features;
  }

  private static long peakTokens(WireReader in) {
    long tokens = in.getLong();
    if (tokens < 0 || tokens > MAX_TOKENS) {
      throw new CorruptSketchException("peak tokens: expected 0 to 2^53, got " + tokens);
    }
    return tokens;
  }
}
