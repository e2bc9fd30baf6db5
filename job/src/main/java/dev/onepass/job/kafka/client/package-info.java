/** Kafka clients and conversions that the other packages share. */
package dev.onepass.job.kafka.client;
