/**
 * A Flink cluster and a Kafka broker as processes of their own, from the jars that a distribution
 * holds, for tests that kill, pause and restart them. Nothing here outlives the test JVM, however
 * that ends.
 */
package dev.onepass.it.cluster;
