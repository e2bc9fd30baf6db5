/**
 * The sources, the sink and the other Kafka clients of the job. They read and write raw records.
 */
package dev.onepass.job.kafka;
