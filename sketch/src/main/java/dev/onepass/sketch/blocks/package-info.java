/**
 * Blocks of tokens and of query vectors, the range of values, and the softmax sums that answers
 * consist of.
 */
@PublicEvolving
package dev.onepass.sketch.blocks;

import dev.onepass.sketch.annotations.PublicEvolving;
