/**
 * Exact attention: the tokens themselves, up to a bound, and a stable softmax over them.
 *
 * <p>Every sequence begins here. {@link dev.onepass.sketch.exact.ExactAttention} is the
 * double-precision oracle that every other family is measured against.
 */
package dev.onepass.sketch.exact;
