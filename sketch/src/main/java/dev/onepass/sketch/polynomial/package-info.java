/**
 * The features phi of exp and sums over them: what the polynomial family and the one-pass family
 * share.
 *
 * <p>{@link dev.onepass.sketch.polynomial.MonomialBasis} is phi itself (Alman and Song, arXiv
 * 2302.13214), {@link dev.onepass.sketch.polynomial.TaylorPolynomial} says how good it is, {@link
 * dev.onepass.sketch.polynomial.FeatureDegree} picks a degree for a configuration, {@link
 * dev.onepass.sketch.polynomial.KeyFeatures} is what a sequence knows about its keys (centre, unit,
 * bound), {@link dev.onepass.sketch.polynomial.FeatureReadout} answers queries from sums, and
 * {@link dev.onepass.sketch.polynomial.LinearState} are the sums: one fold, one merge, one byte
 * format.
 */
package dev.onepass.sketch.polynomial;
