/**
 * The command {@code throughput}: the rate of the job, compared with a job that only passes tokens
 * through.
 */
package dev.onepass.bench.throughput;
