/**
 * Attention from first and second moments: the ridge regression of values on keys, read at the mean
 * key that the query implies, and the Gaussian cumulant expansion of the normalizer.
 *
 * <p>arXiv 2204.06653 treats the normal equations of one-pass ridge regression, also for more
 * coordinates than tokens. This family keeps the moments themselves, at most d (d / 2 + dv)
 * numbers, and needs no sketch of them. {@link dev.onepass.sketch.ridge.RidgeSketch} derives the
 * answers.
 */
@Internal
package dev.onepass.sketch.ridge;

import dev.onepass.sketch.annotations.Internal;
