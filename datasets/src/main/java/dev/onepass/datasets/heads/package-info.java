/** Attention heads as arrays of queries, keys and values, and where they come from. */
package dev.onepass.datasets.heads;
