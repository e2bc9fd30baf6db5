/**
 * Attention heads of all-MiniLM-L6-v2: the queries, keys and values that a small sentence encoder
 * computes over a real text.
 */
package dev.onepass.datasets.minilm;
