/** Trials of a method: feeds it with a stream, sends queries to it and scores its answers. */
package dev.onepass.bench.trials;
