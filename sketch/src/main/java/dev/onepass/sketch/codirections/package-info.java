/**
 * A sketch of the product of two streams of vectors, X Y' = sum_j x_j y_j', in a few columns: an
 * alternative to Psi for U2' V if keys and values arrive together.
 *
 * <p>{@link dev.onepass.sketch.codirections.CoDirections} implements sparse co-occurring directions
 * (Wan and Zhang, arXiv 2009.03527; Mroueh, Marcheret and Goel, AISTATS 2017). It is a
 * deterministic function of the stream and, unlike Psi, carries a bound on its error.
 */
@Internal
package dev.onepass.sketch.codirections;

import dev.onepass.sketch.annotations.Internal;
