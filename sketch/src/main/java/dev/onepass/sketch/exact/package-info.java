/**
 * Exact attention: whole tokens up to a byte bound, and a stable softmax over them.
 *
 * <p>Every sequence begins in exact mode. {@link dev.onepass.sketch.exact.ExactAttention} is the
 * double-precision reference for every other family.
 */
@Internal
package dev.onepass.sketch.exact;

import dev.onepass.sketch.annotations.Internal;
