/**
 * Heavy keys: the tokens that one query or another can give much weight, kept whole beside a sketch
 * of the others.
 *
 * <p>The idea is that of LevAttention (arXiv 2410.05462): for attention with f(x) = |x|^p, p even,
 * in place of exp there is a set of keys, the same for all queries and no larger for more tokens,
 * that holds every key with a share of at least eps of any query's weight; it is read off leverage
 * scores. Here it is found in one pass, by online leverage scores (arXiv 1604.05448 on online row
 * sampling). For exp there is no such theorem; what is kept are sinks and outliers, which sketches
 * smear.
 */
package dev.onepass.sketch.heavy;
