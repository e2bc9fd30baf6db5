package dev.onepass.sketch.linear;

import dev.onepass.sketch.AttentionSketch;
import dev.onepass.sketch.IncompatibleSketchException;
import dev.onepass.sketch.QueryBlock;
import dev.onepass.sketch.SketchFamily;
import dev.onepass.sketch.SoftmaxSum;
import dev.onepass.sketch.TokenBlock;
import dev.onepass.sketch.ValueRange;
import dev.onepass.sketch.kernel.Kernels;
import dev.onepass.sketch.wire.CorruptSketchException;
import dev.onepass.sketch.wire.Preamble;
import dev.onepass.sketch.wire.WireReader;
import dev.onepass.sketch.wire.WireWriter;
import java.util.Arrays;

/**
 * Attention from moments: exp(q.k) is replaced by the Taylor polynomial P(q.(k - c)) = {@code
 * <phi(u q), phi((k - c) / u)>}, and the state is {@code S = sum_j phi((k_j - c) / u) (v_j, 1)}.
 * The centre c is the mean key at the moment the sketch was begun, the unit u (a power of two)
 * about the root mean square of |k - c| then; both are frozen and part of the state. The unit
 * changes no result, but keeps high powers of long or short keys within the range of a float.
 *
 * <p>Within the bound on |q.(k - c)| every weight is within the tolerance, so every answer is
 * within about twice the tolerance times max|v|. Beyond it nothing is promised; how many logits of
 * a query are beyond is estimated from the logits' mean and variance, which the state holds
 * exactly, and no answer hides it ({@link SoftmaxSum#beyondBound}).
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
 */
public final class PolynomialSketch implements AttentionSketch {

  private static final int FIXED_BYTES = Preamble.BYTES + 48;

  /** Tokens folded at once, so that the sums of a block of capped features stay finite floats. */
  private static final int MAX_BLOCK = 256;

  /** Features made at once (16 MiB), unless a single token has more. */
  private static final int MAX_BLOCK_FEATURES = 1 << 22;

  /** Features of keys stay below this. */
  private static final double MAX_FEATURE = 1e16;

  /**
   * Values stay below this in the sums: {@code MAX_BLOCK * MAX_FEATURE * MAX_VALUE} is a finite
   * float.
   */
  private static final float MAX_VALUE = 1e20f;

  /**
   * Features of queries stay below this, so that products with saturated sums stay finite doubles.
   */
  private static final double MAX_QUERY_FEATURE = 1e200;

  /**
   * Peak mass to report for a share that is lost: the answer is, where the share is above 2^-12.
   */
  private static final double LOST = 0x1p24;

  private final MonomialBasis basis;
  private final int valueDim;
  private final double bound;
  private final float[] centre;
  private final float unit;
  private final double maxNorm;
  private final ValueRange range;
  private final LinearState sums;
  private long tokens;
  private long peakTokens;
  private double moment;
  private double peakMoment;
  private float radius;
  private int clipped;

  /**
   * @param bound logits around the centre that the degree is good for
   * @param centre what keys are taken relative to
   * @param unit what |k - c| is measured in, a power of two
   */
  PolynomialSketch(MonomialBasis basis, int valueDim, double bound, float[] centre, float unit) {
    this(
        basis,
        valueDim,
        bound,
        centre,
        unit,
        new ValueRange(valueDim),
        new LinearState(basis.size(), valueDim));
  }

  private PolynomialSketch(
      MonomialBasis basis,
      int valueDim,
      double bound,
      float[] centre,
      float unit,
      ValueRange range,
      LinearState sums) {
    this.basis = basis;
    this.valueDim = valueDim;
    this.bound = bound;
    this.centre = centre;
    this.unit = unit;
    this.maxNorm = maxNorm(basis.degree());
    this.range = range;
    this.sums = sums;
  }

  /**
   * The norm up to which no feature exceeds MAX_FEATURE: of |a| = g, none exceeds |x|^g / sqrt(g!).
   */
  private static double maxNorm(int degree) {
    double power = MAX_FEATURE;
    for (int g = 2; g <= degree; g++) {
      power *= Math.sqrt(g);
    }
    return StrictMath.pow(power, 1.0 / degree);
  }

  /** x^degree by multiplications, so that the bytes of a state do not depend on the machine. */
  private static double evenPower(double x, int degree) {
    double power = 1;
    for (int g = 0; g < degree; g += 2) {
      power *= x * x;
    }
    return power;
  }

  /** Bytes of a sketch; {@link Long#MAX_VALUE} where that is no int. */
  static long bytes(int keyDim, int valueDim, int degree) {
    long features = MonomialBasis.size(keyDim, degree);
    if (features > Integer.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    long bytes =
        FIXED_BYTES
            + (long) Float.BYTES * keyDim
            + ValueRange.bytes(valueDim)
            + LinearState.bytes(features, valueDim);
    return bytes > Integer.MAX_VALUE ? Long.MAX_VALUE : bytes;
  }

  @Override
  public SketchFamily family() {
    return PolynomialFamily.INSTANCE;
  }

  @Override
  public int keyDim() {
    return centre.length;
  }

  @Override
  public int valueDim() {
    return valueDim;
  }

  /** Degree of the polynomial, even. */
  public int degree() {
    return basis.degree();
  }

  /** Largest |q.(k - c)| up to which every weight is within the tolerance. */
  public double bound() {
    return bound;
  }

  /**
   * Keys that were drawn in towards the centre because their features would have overflowed; the
   * promise of {@link #bound()} does not hold for them.
   */
  public int clippedKeys() {
    return clipped;
  }

  @Override
  public void update(TokenBlock block) {
    block.requireDims(keyDim(), valueDim);
    range.include(block);
    int step = Math.max(1, Math.min(MAX_BLOCK, MAX_BLOCK_FEATURES / basis.size()));
    for (int from = 0; from < block.count(); from += step) {
      fold(block, from, Math.min(block.count(), from + step));
    }
    peakTokens = Math.max(peakTokens, tokens);
    peakMoment = Math.max(peakMoment, moment);
  }

  private void fold(TokenBlock block, int from, int to) {
    int count = to - from;
    float[] features = new float[count * basis.size()];
    float[] values = new float[count * valueDim];
    float[] centred = new float[keyDim()];
    for (int j = 0; j < count; j++) {
      float weight = block.weights()[from + j];
      double norm = centre(block.keys(), (from + j) * keyDim(), weight, centred);
      moment += weight * evenPower(norm, basis.degree());
      basis.evaluate(centred, weight, features, j * basis.size());
      for (int c = 0; c < valueDim; c++) {
        float value = block.values()[(from + j) * valueDim + c];
        values[j * valueDim + c] = Math.max(-MAX_VALUE, Math.min(MAX_VALUE, value));
      }
      tokens += (long) weight;
    }
    sums.fold(features, values, count, tokens);
  }

  /**
   * Writes (k - c) / u, drawn in to the largest norm whose features are safe; returns the norm of
   * what it wrote.
   */
  private double centre(float[] keys, int offset, float weight, float[] centred) {
    double squares = 0;
    for (int i = 0; i < centred.length; i++) {
      double x = ((double) keys[offset + i] - centre[i]) / unit;
      squares += x * x;
    }
    double norm = Math.sqrt(squares);
    double shrink = 1;
    if (norm > maxNorm) {
      shrink = maxNorm / norm;
      clipped = (int) Math.max(0, Math.min(Integer.MAX_VALUE, clipped + (long) weight));
    } else if (norm > radius) {
      radius = Math.nextUp((float) norm);
    }
    for (int i = 0; i < centred.length; i++) {
      centred[i] = (float) (shrink * (((double) keys[offset + i] - centre[i]) / unit));
    }
    return shrink * norm;
  }

  @Override
  public void addTo(SoftmaxSum softmax, QueryBlock queries) {
    if (tokens <= 0) {
      return;
    }
    int t = basis.size();
    double[] query = new double[keyDim()];
    double[] features = new double[t];
    double[] num = new double[valueDim];
    for (int q = 0; q < queries.count(); q++) {
      double centreLogit = scale(queries, q, query);
      double peak = massBound(query, peakTokens, peakMoment) / massBound(query, tokens, moment);
      basis.evaluate(query, features);
      double den = 0;
      for (int r = 0; r < t; r++) {
        den += features[r] * sums.den(r);
      }
      Arrays.fill(num, 0);
      if (den > 0 && den < Double.MAX_VALUE) {
        Kernels.addWeightedRows(features, sums.num(), t, valueDim, num);
      } else {
        // Rounding has eaten the denominator; the mean value is the one answer that needs no query.
        peak = LOST;
        den = tokens;
        for (int c = 0; c < valueDim; c++) {
          num[c] = sums.num()[c];
        }
      }
      for (int c = 0; c < valueDim; c++) {
        num[c] = range.clamp(c, num[c] / den);
      }
      softmax.add(q, centreLogit + Math.log(den), 1, peak, num);
      softmax.beyondBound(q, tokens, shareBeyondBound(query, features));
    }
  }

  /**
   * What den can be at most for that many tokens of that moment, sum_j |k_j|^p: {@code sum_j
   * P(|q||k_j|) <= n P(|q| (moment / n)^(1/p))}, since by Jensen's inequality no lower moment is
   * larger than the highest one says.
   */
  private double massBound(double[] query, long n, double ofMoment) {
    double norm = Math.pow(Math.max(0, ofMoment) / n, 1.0 / basis.degree());
    return n * TaylorPolynomial.value(basis.degree(), norm * norm(query));
  }

  private static double norm(double[] x) {
    double squares = 0;
    for (double c : x) {
      squares += c * c;
    }
    return Math.sqrt(squares);
  }

  /** Writes u s q, drawn in where its features would overflow, and returns s q.c. */
  private double scale(QueryBlock queries, int q, double[] query) {
    double centreLogit = 0;
    for (int i = 0; i < query.length; i++) {
      double scaled = queries.scale() * queries.vectors()[q * query.length + i];
      centreLogit += scaled * centre[i];
      query[i] = scaled * unit;
    }
    double limit = Math.pow(MAX_QUERY_FEATURE, 1.0 / basis.degree());
    double norm = norm(query);
    if (norm > limit) {
      for (int i = 0; i < query.length; i++) {
        query[i] *= limit / norm;
      }
    }
    return centreLogit;
  }

  /**
   * Share of this query's logits beyond the bound. Clipped keys all count. For the others zero is
   * certain where |q| times the largest |k - c| stays within the bound; otherwise the logits are
   * taken as normal with their mean and variance, which are the degree-1 and degree-2 parts of the
   * denominator.
   */
  private double shareBeyondBound(double[] query, double[] features) {
    double ofClipped = Math.min(1, (double) clipped / tokens);
    if (norm(query) * radius <= bound) {
      return ofClipped;
    }
    double first = 0;
    for (int r = 1; r < basis.endOfDegree(1); r++) {
      first += features[r] * sums.den(r);
    }
    double second = 0;
    for (int r = basis.endOfDegree(1); r < basis.endOfDegree(2); r++) {
      second += features[r] * sums.den(r);
    }
    double mean = first / tokens;
    double deviation = Math.sqrt(Math.max(0, 2 * second / tokens - mean * mean));
    double share =
        NormalTail.above((bound - mean) / deviation) + NormalTail.above((bound + mean) / deviation);
    return share >= 0 ? Math.min(1, ofClipped + share) : 1;
  }

  @Override
  public void merge(AttentionSketch other) {
    if (!(other instanceof PolynomialSketch polynomial)) {
      throw new IncompatibleSketchException(
          "a polynomial sketch cannot take in a sketch of family " + other.family().name());
    }
    if (!polynomial.basis.equals(basis) || polynomial.valueDim != valueDim) {
      throw new IncompatibleSketchException(
          "polynomial sketches of different dimensions or degrees cannot be merged");
    }
    if (!Arrays.equals(polynomial.centre, centre)
        || polynomial.unit != unit
        || polynomial.bound != bound) {
      throw new IncompatibleSketchException(
          "polynomial sketches around different centres cannot be merged; add their softmax sums instead");
    }
    sums.merge(polynomial.sums, tokens + polynomial.tokens);
    range.include(polynomial.range);
    tokens += polynomial.tokens;
    moment += polynomial.moment;
    peakTokens = Math.max(tokens, Math.max(peakTokens, polynomial.peakTokens));
    peakMoment = Math.max(moment, Math.max(peakMoment, polynomial.peakMoment));
    radius = Math.max(radius, polynomial.radius);
    clipped = (int) Math.min(Integer.MAX_VALUE, (long) clipped + polynomial.clipped);
  }

  @Override
  public long tokenCount() {
    return tokens;
  }

  @Override
  public ValueRange valueRange() {
    ValueRange copy = new ValueRange(valueDim);
    copy.include(range);
    return copy;
  }

  @Override
  public int stateBytes() {
    return (int) bytes(keyDim(), valueDim, basis.degree());
  }

  @Override
  public byte[] toByteArray() {
    WireWriter out = new WireWriter(stateBytes());
    new Preamble(PolynomialFamily.INSTANCE.id(), keyDim(), valueDim, tokens).write(out);
    out.putInt(basis.degree());
    out.putDouble(bound);
    out.putLong(peakTokens);
    out.putDouble(moment);
    out.putDouble(peakMoment);
    out.putFloat(radius);
    out.putFloat(unit);
    out.putInt(clipped);
    out.putFloats(centre, centre.length);
    range.write(out);
    sums.write(out);
    return out.toByteArray();
  }

  static PolynomialSketch read(Preamble preamble, WireReader in) {
    int degree = in.getInt("degree", 2, TaylorPolynomial.MAX_DEGREE);
    if (degree % 2 != 0) {
      throw new CorruptSketchException("the degree is odd: " + degree);
    }
    double bound = in.getDouble();
    long peakTokens = in.getLong();
    double moment = in.getDouble();
    double peakMoment = in.getDouble();
    float radius = in.getFloat();
    float unit = in.getFloat();
    if (!(bound > 0) || !(radius >= 0) || !(unit >= Float.MIN_NORMAL)) {
      throw new CorruptSketchException(
          "bound %s, radius %s or unit %s is out of range".formatted(bound, radius, unit));
    }
    int clipped = in.getInt("clipped keys", 0, Integer.MAX_VALUE);
    // Before anything of that size is made, the bytes must be there.
    in.require(bytes(preamble.keyDim(), preamble.valueDim(), degree) - FIXED_BYTES);
    float[] centre = in.getFloats(preamble.keyDim());
    ValueRange range = ValueRange.read(in, preamble.valueDim());
    if (range.isEmpty() && preamble.tokens() > 0) {
      throw new CorruptSketchException("there are tokens, but no range of values");
    }
    MonomialBasis basis = PolynomialFamily.INSTANCE.basis(preamble.keyDim(), degree);
    LinearState sums = LinearState.read(in, basis.size(), preamble.valueDim());
    PolynomialSketch sketch =
        new PolynomialSketch(basis, preamble.valueDim(), bound, centre, unit, range, sums);
    sketch.tokens = preamble.tokens();
    sketch.peakTokens = peakTokens;
    sketch.moment = moment;
    sketch.peakMoment = peakMoment;
    sketch.radius = radius;
    sketch.clipped = clipped;
    return sketch;
  }
}
