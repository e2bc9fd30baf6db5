/**
 * A real Kafka broker and a real Flink cluster inside this JVM. Knows nothing of attention; the
 * integration tests use it too.
 */
package dev.onepass.demo.cluster;
