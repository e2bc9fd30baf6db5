/** Streams to measure on: attention heads, from files or from the model, and planted ones. */
package dev.onepass.bench.data;
