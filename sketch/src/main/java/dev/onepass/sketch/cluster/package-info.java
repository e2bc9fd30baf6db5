/**
 * Cluster moments in one pass: clusters of keys, each with its count, mean key, mean value and
 * spread, and two matrices that all of them share.
 *
 * <p>{@link dev.onepass.sketch.cluster.ClusterSketch} derives the answers, {@code Reduction}
 * describes how tokens become clusters. Clusters are the clustering features of BIRCH (Zhang,
 * Ramakrishnan and Livny, SIGMOD 1996): counts, means and scatters that add up exactly when two
 * clusters are united. Related work: SubGen (arXiv 2402.06082) and MuSe (arXiv 2509.10406) cluster
 * keys for attention; MomentKV (arXiv 2606.01563) keeps one first-order moment of values about keys
 * for all tokens.
 *
 * <p>Classes with arrays on hot paths keep them in a private class {@code Scratch}, one instance
 * per thread.
 */
@Internal
package dev.onepass.sketch.cluster;

import dev.onepass.sketch.annotations.Internal;
