/** The sink of answers and dead letters, and the transactions that hold them. */
package dev.onepass.job.kafka.sink;
