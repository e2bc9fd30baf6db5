/**
 * Attention from first and second moments: the ridge regression of values on keys, read at the mean
 * key that the query implies, and the Gaussian cumulant expansion of the normalizer.
 *
 * <p>The normal equations of one-pass ridge regression, also for more coordinates than tokens, are
 * the subject of arXiv 2204.06653; this family keeps the moments themselves, which are no larger
 * than d (d / 2 + dv) numbers, and needs no sketch of them. {@link
 * dev.onepass.sketch.ridge.RidgeSketch} derives the read-out.
 */
package dev.onepass.sketch.ridge;
