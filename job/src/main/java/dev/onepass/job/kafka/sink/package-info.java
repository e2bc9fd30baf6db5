/** The sink of answers, dead letters and anchor sets, and its transactions. */
package dev.onepass.job.kafka.sink;
