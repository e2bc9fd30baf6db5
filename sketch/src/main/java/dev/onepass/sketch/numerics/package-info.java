/**
 * Numerical methods that several families share: second moments and their Cholesky factors, random
 * draws, random rounding, the tail of the normal distribution.
 */
@Internal
package dev.onepass.sketch.numerics;

import dev.onepass.sketch.annotations.Internal;
