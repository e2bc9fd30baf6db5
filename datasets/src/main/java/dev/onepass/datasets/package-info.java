/**
 * Streams of tokens and queries to run and measure on: attention heads of a model, heads from
 * files, planted streams, and a recommender.
 */
package dev.onepass.datasets;
