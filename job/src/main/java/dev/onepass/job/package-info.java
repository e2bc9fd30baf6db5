/**
 * The deployed job: options, records, Kafka sources and sinks, and the entry point for {@code flink
 * run}.
 *
 * <p>{@link dev.onepass.job.OnepassJob} reads the options and starts; {@link
 * dev.onepass.job.Pipeline} is the whole topology on one page.
 */
package dev.onepass.job;
