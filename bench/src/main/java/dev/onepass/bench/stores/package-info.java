/** Sequence stores to measure with, without Flink. */
package dev.onepass.bench.stores;
