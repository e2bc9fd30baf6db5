/** The record sizes that brokers accept, by topic. */
package dev.onepass.job.kafka.limits;
