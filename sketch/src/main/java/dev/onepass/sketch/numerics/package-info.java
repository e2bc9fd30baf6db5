/**
 * Numerical methods that several families share: second moments and their Cholesky factors, random
 * draws, random rounding, the tail of the normal distribution.
 */
package dev.onepass.sketch.numerics;
