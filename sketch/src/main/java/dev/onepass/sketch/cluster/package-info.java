/**
 * Cluster moments in one pass: clusters of keys, each with its count, mean key, mean value and
 * spread, and two matrices that all of them share.
 *
 * <p>{@link dev.onepass.sketch.cluster.ClusterSketch} derives the answer, {@code Reduction} says
 * how tokens become clusters. Clusters are the clustering features of BIRCH (Zhang, Ramakrishnan,
 * Livny, SIGMOD 1996): counts, means and scatters that add up exactly when two clusters become one.
 * Clusters of keys for attention are in SubGen (arXiv 2402.06082) and MuSe (2509.10406), a
 * first-order moment of values about keys in MomentKV (2606.01563, one for all tokens).
 */
package dev.onepass.sketch.cluster;
