/**
 * Sketches of the product of two streams of vectors, X Y' = sum_j x_j y_j', in a few columns: an
 * alternative to Psi for U2' V if keys and values arrive together.
 *
 * <p>{@link dev.onepass.sketch.codirections.CoDirections} implements co-occurring directions
 * (Mroueh, Marcheret and Goel, AISTATS 2017), {@link
 * dev.onepass.sketch.codirections.SparseCoDirections} their form for sparse vectors (Wan and Zhang,
 * arXiv 2009.03527). Both are deterministic functions of the stream and, unlike Psi, carry a bound
 * on their error.
 */
@Internal
package dev.onepass.sketch.codirections;

import dev.onepass.sketch.annotations.Internal;
