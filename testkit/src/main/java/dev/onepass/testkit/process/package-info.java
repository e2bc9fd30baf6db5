/**
 * A Kafka broker and a Flink cluster as processes that can be killed and paused, started from the
 * jars that a distribution has in its {@code lib}.
 */
package dev.onepass.testkit.process;
