/**
 * Blocks of tokens and of query vectors, the range of values, and the softmax sums that answers
 * consist of.
 */
package dev.onepass.sketch.blocks;
