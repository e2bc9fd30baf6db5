/** Blocks of tokens and of query vectors, and the softmax sums that answers are made of. */
package dev.onepass.sketch.blocks;
