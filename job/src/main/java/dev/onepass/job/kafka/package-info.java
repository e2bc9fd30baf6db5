/** Kafka's side of the job: raw records in, raw records out. */
package dev.onepass.job.kafka;
