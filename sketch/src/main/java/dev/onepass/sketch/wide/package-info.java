/**
 * Keys that are much wider than necessary: {@link dev.onepass.sketch.wide.ColumnSample} projects
 * keys and queries onto some of their coordinates, which are chosen once, from sampled keys, by
 * leverage scores.
 *
 * <p>Sources: arXiv 2304.04397 reduces the feature dimension of attention for d much larger than n
 * by sampling columns by leverage score. Ridge leverage scores are those of Cohen, Musco and Musco,
 * arXiv 1511.07263. Keeping the columns of largest score without weights is the deterministic
 * variant of Papailiopoulos, Kyrillidis and Boutsidis, arXiv 1404.1530.
 */
@PublicEvolving
package dev.onepass.sketch.wide;

import dev.onepass.sketch.annotations.PublicEvolving;
