/**
 * Second moments in double precision and their Cholesky factors, as {@link
 * dev.onepass.sketch.heavy}, {@link dev.onepass.sketch.ridge} and {@link dev.onepass.sketch.wide}
 * need them: packed to half a square, with a byte format, and a factorization that rounding cannot
 * break.
 */
package dev.onepass.sketch.numerics;
