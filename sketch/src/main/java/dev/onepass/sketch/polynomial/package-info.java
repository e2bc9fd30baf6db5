/**
 * Polynomial features of exp and sums over them: the polynomial family, and what it shares with the
 * one-pass family.
 *
 * <p>{@link dev.onepass.sketch.polynomial.MonomialBasis} is the feature map phi (Alman and Song,
 * arXiv 2302.13214). {@link dev.onepass.sketch.polynomial.TaylorPolynomial} gives its accuracy, and
 * {@link dev.onepass.sketch.polynomial.FeatureDegree} chooses a degree for a configuration. {@link
 * dev.onepass.sketch.polynomial.KeyFeatures} holds what a sequence knows about its keys, {@link
 * dev.onepass.sketch.polynomial.FeatureSums} the sums, and {@link
 * dev.onepass.sketch.polynomial.FeatureReadout} answers queries from both. {@link
 * dev.onepass.sketch.polynomial.FeatureSketch} combines them to a sketch.
 */
@Internal
package dev.onepass.sketch.polynomial;

import dev.onepass.sketch.annotations.Internal;
