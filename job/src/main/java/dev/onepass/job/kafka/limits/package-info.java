/** The sizes of records that brokers accept, by topic. */
package dev.onepass.job.kafka.limits;
