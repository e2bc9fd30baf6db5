// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.sketch.polynomial;

import dev.onepass.sketch.blocks.QueryBlock;
import dev.onepass.sketch.blocks.SoftmaxSum;
import dev.onepass.sketch.blocks.ValueRange;
import dev.onepass.sketch.numerics.NormalLogits;
import dev.onepass.sketch.numerics.NormalTail;
import java.util.Arrays;

/**
 * Answers queries from sums of key features. With w = phi(u s q) and {@code s = U2' 1}, the
 * denominator is {@code <w, s>} and the numerator {@code w' U2' V}, however the latter is kept.
 *
 * <p>Within the bound on |q.(k - c)|, every weight is within the tolerance. So every answer from
 * exact sums is within about twice the tolerance times max|v|. Beyond the bound nothing is
 * promised. The number of a query's logits beyond it is estimated from the mean and the variance of
 * the logits, which are the degree-1 and degree-2 parts of s. Every answer reports that number
 * ({@link SoftmaxSum#beyondBound(int)}).
 */
public final class FeatureReadout {

  /** Computes a weighted sum of values from the features of a query. */
  @FunctionalInterface
  public interface Numerator {
    /**
     * Adds {@code features' U2' V}.
     *
     * @param features t numbers
     * @param num dv numbers
     */
    void addTo(double[] features, double[] num);
  }

  /**
   * Bound on the features of queries, so that products with saturated sums remain finite doubles.
   */
  private static final double MAX_QUERY_FEATURE = 1e200;

  /**
   * The peak mass reported for a share that is lost; an answer counts as lost if its share of the
   * peak is below 2^-12.
   */
  private static final double LOST = 0x1p24;

  /** Bound on the peak mass that is reported. */
  private static final double LARGEST_PEAK = 1e30;

  /** A sum of doubles that is a smaller share of its peak is rounding. */
  private static final double ROUNDING = 0x1p-52;

  private final KeyFeatures keys;
  private final float[] sums;
  private final MonomialBasis basis;
  private final double[] query;
  private final double[] features;
  private boolean weighed;

  /**
   * Creates a readout.
   *
   * @param keys what the sequence knows about its keys
   * @param sums s = U2' 1, t numbers
   */
  public FeatureReadout(KeyFeatures keys, float[] sums) {
    this.keys = keys;
    this.sums = sums;
    this.basis = keys.basis();
    this.query = new double[keys.keyDim()];
    this.features = new double[basis.size()];
  }

  /**
   * Makes this readout state normalizers that can be weighed against exact ones. P lacks the terms
   * of exp beyond its degree. A normalizer then includes what they would add if the logits were
   * nearly normal with their mean and variance ({@link NormalLogits}). Within the bound that is
   * next to nothing; far beyond it, it is nearly all. Outputs stay the same.
   *
   * @return this readout
   */
  FeatureReadout weighed() {
    weighed = true;
    return this;
  }

  /**
   * Adds the share of all tokens to the softmax sums of every query.
   *
   * @param softmax one row per query
   * @param queries vectors of the key dimension
   * @param numerator computes {@code w' U2' V}
   * @param range answers are clamped to it
   * @param productError bound on the spectral norm of what the numerator lacks of {@code U2' V};
   *     answers state an error that follows from it, unless it is NaN
   */
  public void addTo(
      SoftmaxSum softmax,
      QueryBlock queries,
      Numerator numerator,
      ValueRange range,
      double productError) {
    if (keys.tokens() <= 0) {
      return;
    }
    double[] num = new double[softmax.valueDim()];
    double logFactor = queries.logFactor(keys.exponent().value());
    for (int q = 0; q < queries.count(); q++) {
      double centreLogit = scale(queries, q);
      double peak = peak();
      basis.evaluate(query, features);
      double share = shareBeyondBound();
      double beyondDegree = weighed ? logOfMissing() : Double.NEGATIVE_INFINITY;
      double den = denominator();
      if (den <= 0) {
        peak = LOST;
        den = mass();
      }
      Arrays.fill(num, 0);
      numerator.addTo(features, num);
      for (int c = 0; c < num.length; c++) {
        num[c] = range.clamp(c, num[c] / den);
      }
      softmax.add(q, centreLogit + logFactor + weighed(Math.log(den), beyondDegree), 1, peak, num);
      softmax.beyondBound(q, keys.tokens(), share);
      if (share == 0) {
        double logDen = centreLogit + logFactor + Math.log(den);
        stateError(softmax, q, logDen, num, range, productError / den);
      }
    }
  }

  /**
   * States the error of an answer none of whose logits lies beyond the bound, if the bound on the
   * error says more than the range of the values does. With weights that are within eps of exp, an
   * answer from the exact product is within {@code 2 eps / (1 - eps)} times the radius of the
   * range.
   *
   * @param relativeError bound on the error of the product, relative to den
   */
  private void stateError(
      SoftmaxSum softmax,
      int q,
      double logDen,
      double[] output,
      ValueRange range,
      double relativeError) {
    double eps =
        TaylorPolynomial.relativeError(
            basis.degree(), Math.max(Float.MIN_NORMAL, norm(query) * keys.radius()));
    double radius = range.radius();
    double error = norm(features) * relativeError + 2 * eps / (1 - eps) * radius;
    if (eps < 1 && error <= radius) {
      softmax.stateError(q, logDen, output, error, -Math.log1p(-eps));
    }
  }

  /**
   * Returns the sum of the weights, which is the denominator of a query of length 0. It is positive
   * even if tokens that were taken back outweighed the rest so far that only rounding is left.
   */
  private double mass() {
    return keys.mass() > 0 ? keys.mass() : Math.max(ROUNDING * keys.peakMass(), Double.MIN_NORMAL);
  }

  /** Returns the largest denominator that there ever was, as a multiple of the present one. */
  private double peak() {
    double ratio = massBound(keys.peakMass(), keys.peakMoment()) / massBound(mass(), keys.moment());
    return ratio < LARGEST_PEAK ? ratio : LARGEST_PEAK;
  }

  /**
   * Returns one row of D^-1 U1: {@code w / <w, s>}. Its product with U2'V is the answer.
   *
   * @param queries vectors of the key dimension
   * @param q number of the query, from 0
   * @return t numbers
   */
  public double[] normalizedFeatures(QueryBlock queries, int q) {
    scale(queries, q);
    basis.evaluate(query, features);
    double den = denominator();
    double divisor = den > 0 ? den : keys.tokens() > 0 ? mass() : 1;
    double[] normalized = new double[features.length];
    for (int r = 0; r < features.length; r++) {
      normalized[r] = features[r] / divisor;
    }
    return normalized;
  }

  /**
   * Returns {@code <w, s>}, or 0 if rounding has destroyed it. In that case w becomes the features
   * of the mean value, the only answer that needs no query.
   */
  private double denominator() {
    double den = 0;
    for (int r = 0; r < features.length; r++) {
      den += features[r] * sums[r];
    }
    if (den > 0 && den < Double.MAX_VALUE) {
      return den;
    }
    Arrays.fill(features, 0);
    features[0] = 1;
    return 0;
  }

  /**
   * Returns the largest den that tokens of a mass n, sum_j w_j, and a moment, sum_j w_j |k_j|^p,
   * can have: {@code sum_j w_j P(|q||k_j|) <= n P(|q| (moment / n)^(1/p))}. By Jensen's inequality,
   * no lower moment exceeds what the highest one implies.
   */
  private double massBound(double n, double ofMoment) {
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

  /** Writes u s q and returns s q.c. Shortens u s q if its features would overflow. */
  private double scale(QueryBlock queries, int q) {
    double centreLogit = 0;
    for (int i = 0; i < query.length; i++) {
      double scaled = queries.scale() * queries.vectors()[q * query.length + i];
      centreLogit += scaled * keys.centre()[i];
      query[i] = scaled * keys.unit();
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
   * Returns the logarithm of what normal logits would add beyond the degree of the features;
   * negative infinity if nothing.
   */
  private double logOfMissing() {
    double mean = meanLogit();
    double deviation = deviation(mean);
    double all = NormalLogits.logMeanOfExp((double) keys.tokens(), mean, deviation);
    double there = NormalLogits.meanOfTaylor(basis.degree(), mean, deviation);
    double missing = 1 - there * Math.exp(-all);
    return missing > 0 && all < Double.MAX_VALUE
        ? Math.log(mass()) + all + Math.log(missing)
        : Double.NEGATIVE_INFINITY;
  }

  /** Returns ln den with what it lacks. */
  private static double weighed(double logDen, double logOfMissing) {
    if (logOfMissing == Double.NEGATIVE_INFINITY) {
      return logDen;
    }
    double larger = Math.max(logDen, logOfMissing);
    double sum = larger + Math.log1p(Math.exp(-Math.abs(logDen - logOfMissing)));
    return NormalLogits.likely(logDen, sum);
  }

  /**
   * Returns the share of this query's logits beyond the bound. All clipped keys count, each as one
   * token. For the others the share is 0 if |q| times the largest |k - c| is within the bound.
   * Otherwise the logits are assumed normal with their mean and variance, which are the degree-1
   * and degree-2 parts of the denominator. Both parts are sums over weighted tokens, so they are
   * divided by the mass.
   */
  private double shareBeyondBound() {
    double ofClipped = Math.min(1, (double) keys.clipped() / keys.tokens());
    double bound = keys.bound();
    if (norm(query) * keys.radius() <= bound) {
      return ofClipped;
    }
    double mean = meanLogit();
    double deviation = deviation(mean);
    double share =
        NormalTail.above((bound - mean) / deviation) + NormalTail.above((bound + mean) / deviation);
    return share >= 0 ? Math.min(1, ofClipped + share) : 1;
  }

  /** Returns the mean of the logits relative to the centre. */
  private double meanLogit() {
    return sumOfDegrees(1, basis.endOfDegree(1)) / mass();
  }

  /** Returns the deviation of the logits around their mean. */
  private double deviation(double mean) {
    double second = sumOfDegrees(basis.endOfDegree(1), basis.endOfDegree(2));
    return Math.sqrt(Math.max(0, 2 * second / mass() - mean * mean));
  }

  private double sumOfDegrees(int from, int to) {
    double sum = 0;
    for (int r = from; r < to; r++) {
      sum += features[r] * sums[r];
    }
    return sum;
  }
}
