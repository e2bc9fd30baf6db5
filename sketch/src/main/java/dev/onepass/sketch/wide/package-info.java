/**
 * Keys far wider than they need be: a projection of keys and queries onto some of their
 * coordinates, chosen once from a sequence's first tokens by leverage scores.
 *
 * <p>The setting is that of arXiv 2304.04397, which reduces the feature dimension of attention for
 * d much larger than n by leverage-score sampling of columns. Ridge leverage scores are those of
 * arXiv 1511.07263; keeping the columns of largest score, unscaled, is the deterministic variant of
 * arXiv 1404.1530.
 */
package dev.onepass.sketch.wide;
