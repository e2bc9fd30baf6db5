/**
 * The job: options, record formats, Kafka sources and sink, and the entry point for {@code flink
 * run}.
 *
 * <p>{@link dev.onepass.job.OnepassJob} reads the options and starts the job; {@link
 * dev.onepass.job.Pipeline} builds the topology.
 */
@Internal
package dev.onepass.job;

import dev.onepass.sketch.annotations.Internal;
