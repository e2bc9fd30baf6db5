/**
 * Heavy keys: the tokens that can get much weight from some query, kept exactly next to a sketch of
 * the other tokens.
 *
 * <p>The idea is that of LevAttention (arXiv 2410.05462). For attention with f(x) = |x|^p, p even,
 * in place of exp, a set of keys whose size does not depend on the number of tokens contains every
 * key with a share of at least eps of the weight of any query; leverage scores identify it. {@link
 * dev.onepass.sketch.heavy.HeavyKeys} finds the set in one pass by online leverage scores (online
 * row sampling; Cohen, Musco and Pachocki, arXiv 1604.05448). For exp, no such theorem is known;
 * the set then holds attention sinks and outliers, which sketches approximate badly.
 */
@Internal
package dev.onepass.sketch.heavy;

import dev.onepass.sketch.annotations.Internal;
