/** Sources that detect records that Kafka deleted before the job read them. */
package dev.onepass.job.kafka.source;
