/** Kafka clients and conversions that the other Kafka packages share. */
package dev.onepass.job.kafka.client;
