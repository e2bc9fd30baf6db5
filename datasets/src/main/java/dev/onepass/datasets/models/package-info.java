/**
 * Attention heads of small text encoders: the queries, keys and values that a model computes over a
 * real text.
 */
package dev.onepass.datasets.models;
